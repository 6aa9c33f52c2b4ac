/** The node exporter on every EC2 instance of a cluster, as in the reference system. */
import { Duration, Stack } from 'aws-cdk-lib';
import { ContainerImage, Ec2Service, Ec2TaskDefinition, type ICluster, NetworkMode } from 'aws-cdk-lib/aws-ecs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import type { EcsPrometheusDiscovery } from '../ecs-prometheus-discovery.ts';
import { OwnedRegistry } from '../register/cloud-map-service.ts';
import { acknowledgeTask, containerLogs, dependOnRoles, httpHealthCheck } from './task-placement.ts';

const NODE_EXPORTER_IMAGE = 'quay.io/prometheus/node-exporter:v1.12.1';
export const NODE_EXPORTER_PORT = 9100;

/** Where the container sees the file system of its instance. */
const HOST = '/host';

/** The discovery registers tasks in the Cloud Map service that is named like their ECS service. */
const SERVICE_NAME = 'node-exporter-svc';

export interface NodeExporterProps {
  readonly cluster: ICluster;
  /**
   * Where the discovery registers the tasks: ECS itself would register them only for SRV records, because they share the
   * network of their instance.
   * @default - nowhere, and a docker label says how to scrape them
   */
  readonly registration?: { readonly namespace: INamespace; readonly discovery: EcsPrometheusDiscovery } | undefined;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
}

export class NodeExporter extends Construct {
  readonly service: Ec2Service;

  constructor(scope: Construct, id: string, props: NodeExporterProps) {
    super(scope, id);
    const { cluster, registration } = props;
    const taskDefinition = this.#task(props);
    this.service = new Ec2Service(this, 'Service', {
      cluster,
      serviceName: SERVICE_NAME,
      taskDefinition,
      // One on each instance, the ones to come included; the port of the host is taken, so the old one goes first.
      daemon: true,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { enable: true, rollback: true },
      enableECSManagedTags: true,
    });
    dependOnRoles(this.service, taskDefinition);
    if (registration === undefined) return;
    const registry = new OwnedRegistry(this, 'Registry', {
      ...registration,
      serviceName: SERVICE_NAME,
      scrape: { metricsPath: '/metrics', metricsPort: NODE_EXPORTER_PORT },
    });
    this.service.node.addDependency(registry);
  }

  #task({ registration, logRetention = RetentionDays.ONE_MONTH }: NodeExporterProps): Ec2TaskDefinition {
    const task = new Ec2TaskDefinition(this, 'Task', {
      family: `${Stack.of(this).stackName}-node-exporter`,
      networkMode: NetworkMode.HOST,
      volumes: [{ name: 'root', host: { sourcePath: '/' } }],
    });
    acknowledgeTask(task);
    const container = task.addContainer('node-exporter', {
      image: ContainerImage.fromRegistry(NODE_EXPORTER_IMAGE),
      command: [`--path.rootfs=${HOST}`, `--path.procfs=${HOST}/proc`, `--path.sysfs=${HOST}/sys`],
      cpu: 64,
      memoryLimitMiB: 128,
      memoryReservationMiB: 64,
      readonlyRootFilesystem: true,
      healthCheck: httpHealthCheck(`http://127.0.0.1:${NODE_EXPORTER_PORT}/`, Duration.seconds(10)),
      portMappings: [{ containerPort: NODE_EXPORTER_PORT }],
      logging: containerLogs(this, 'Logs', logRetention),
      ...(registration === undefined && {
        dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: String(NODE_EXPORTER_PORT) },
      }),
    });
    container.addMountPoints({ sourceVolume: 'root', containerPath: HOST, readOnly: true });
    return task;
  }
}
