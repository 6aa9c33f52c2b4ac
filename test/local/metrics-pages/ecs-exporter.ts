/**
 * A stand-in for prometheus-community/ecs_exporter, which reads the task metadata endpoint of ECS and so cannot run here.
 * Names, labels and types are those of its documentation and of the answer that its own tests record for Fargate
 * (version 0.4 and newer); the values are made up.
 */
import type { Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { metricsPage } from './metrics-page.ts';

export const ECS_EXPORTER_PORT = 9779;

const CONTAINERS = ['webapp', 'ecs-exporter'];

export const startEcsExporterStandIn = (address: string): Promise<Server> => {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, label: string) => new Counter({ name, help: name, labelNames: [label], registers });
  const gauge = (name: string, label?: string) =>
    new Gauge({ name, help: name, labelNames: label === undefined ? [] : [label], registers });

  const cpu = counter('ecs_container_cpu_usage_seconds_total', 'container_name');
  const memory = gauge('ecs_container_memory_usage_bytes', 'container_name');
  const received = counter('ecs_network_receive_bytes_total', 'interface');
  const sent = counter('ecs_network_transmit_bytes_total', 'interface');
  gauge('ecs_task_cpu_limit_vcpus').set(0.25);
  gauge('ecs_task_memory_limit_bytes').set(512 * 2 ** 20);
  gauge('ecs_task_ephemeral_storage_used_bytes').set(40 * 2 ** 20);
  gauge('ecs_task_ephemeral_storage_allocated_bytes').set(20 * 2 ** 30);
  for (const container_name of CONTAINERS) memory.set({ container_name }, 64 * 2 ** 20);

  return metricsPage(registry, {
    address,
    port: ECS_EXPORTER_PORT,
    onScrape: () => {
      for (const container_name of CONTAINERS) cpu.inc({ container_name }, 0.05);
      received.inc({ interface: 'eth1' }, 4000);
      sent.inc({ interface: 'eth1' }, 1000);
    },
  });
};
