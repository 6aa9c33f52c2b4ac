import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { graph } from '../panels/graph.ts';
import { BY_TASK, MOST, mostTasks, rate, TASK } from '../queries.ts';
import { CHOSEN } from './chosen.ts';

const NO_EXPORTER = 'No ECS exporter is scraped';

const sumOf = (gauge: string) => `sum ${BY_TASK} (${gauge}{${CHOSEN}})`;
const rateOf = (counter: string) => `sum ${BY_TASK} (${rate(`${counter}{${CHOSEN}}`)})`;
const limitOf = (gauge: string) => `max ${BY_TASK} (${gauge}{${CHOSEN}})`;

const CPU = rateOf('ecs_container_cpu_usage_seconds_total');
const MEMORY = sumOf('ecs_container_memory_usage_bytes');

/**
 * Whole tasks, all their containers, as prometheus-community/ecs_exporter sees them from a sidecar. The names are those of
 * version 0.4 and newer; older ones have others.
 */
export const ecsExporterRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'CPU of whole tasks',
    description: `CPU seconds a second of all containers: 1 is one vCPU. The ${MOST} busiest tasks at each moment.`,
    unit: 'short',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [{ expr: mostTasks(CPU), legend: TASK }],
  }),
  graph({
    title: 'Memory of whole tasks',
    description: `Memory that all containers use, page cache left out; the ${MOST} largest tasks at each moment.`,
    unit: 'bytes',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [{ expr: mostTasks(MEMORY), legend: TASK }],
  }),
  graph({
    title: 'Network of whole tasks',
    description: `Bytes a second that tasks receive and send; the ${MOST} busiest tasks of either at each moment.`,
    unit: 'Bps',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [
      { expr: mostTasks(rateOf('ecs_network_receive_bytes_total')), legend: `${TASK} in` },
      { expr: mostTasks(rateOf('ecs_network_transmit_bytes_total')), legend: `${TASK} out` },
    ],
  }),
  graph({
    title: 'CPU, share of the limit',
    description:
      'Share of the vCPUs of the task. At 100 % the task is throttled: give it more, or run more tasks. A task on EC2 without a limit is not shown.',
    unit: 'percentunit',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [{ expr: mostTasks(`${CPU} / ${limitOf('ecs_task_cpu_limit_vcpus')}`), legend: TASK }],
  }),
  graph({
    title: 'Memory, share of the limit',
    description:
      'Share of the memory of the task. At 100 % ECS ends it: out of memory. A task on EC2 without a limit is not shown.',
    unit: 'percentunit',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [{ expr: mostTasks(`${MEMORY} / ${limitOf('ecs_task_memory_limit_bytes')}`), legend: TASK }],
  }),
  graph({
    title: 'Ephemeral storage, share that is used',
    description: 'Share of the disk of a Fargate task. A full one makes writes fail.',
    unit: 'percentunit',
    width: 8,
    noValue: NO_EXPORTER,
    queries: [
      {
        expr: mostTasks(
          `${limitOf('ecs_task_ephemeral_storage_used_bytes')} / ${limitOf('ecs_task_ephemeral_storage_allocated_bytes')}`,
        ),
        legend: TASK,
      },
    ],
  }),
];
