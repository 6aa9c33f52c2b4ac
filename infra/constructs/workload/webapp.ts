/** The sample workload of the reference system: a web application under its own load, and the ECS exporter beside it. */
import { Duration, Stack } from 'aws-cdk-lib';
import type { Connections, IConnectable, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type BaseService, ContainerImage, type TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { broken } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { COUNT, SERVICE_NAME } from '../../props/shapes.ts';
import { EcsManagedRegistry } from '../register/cloud-map-service.ts';
import { builtImage } from './container-images.ts';
import {
  containerLogs,
  httpHealthCheck,
  PLACEMENT,
  type Placement,
  serviceOn,
  taskDefinition,
} from './task-placement.ts';

/** The upstream exporter: task metadata endpoint in, Prometheus out. */
const ECS_EXPORTER_IMAGE = 'quay.io/prometheuscommunity/ecs-exporter:v0.4.0';

export const WEBAPP_PORT = 3000;
export const ECS_EXPORTER_PORT = 9779;
const METRICS_PATH = '/metrics';

/** Name of the Cloud Map service, as in the reference system. */
const REGISTRY_NAME = 'webapp-svc';

export interface WebappProps {
  /** Name of the ECS service. */
  readonly serviceName: string;
  readonly placement: Placement;
  /** What the tasks wear; the collectors have to be let in on ports 3000 and 9779. */
  readonly securityGroups: ISecurityGroup[];
  /**
   * Namespace where ECS registers the tasks, in a service whose tags say how to scrape them.
   * @default - ECS registers them nowhere, and docker labels say how to scrape them
   */
  readonly namespace?: INamespace | undefined;
  /**
   * Tasks.
   * @default 2
   */
  readonly tasks?: number;
  /**
   * The application's image.
   * @default - built from this repository
   */
  readonly image?: ContainerImage;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
}

export class Webapp extends Construct implements IConnectable {
  /** Of its tasks: the security groups that it was given. */
  readonly connections: Connections;
  readonly service: BaseService;
  readonly taskDefinition: TaskDefinition;

  constructor(scope: Construct, id: string, props: WebappProps) {
    super(scope, id);
    const { placement, namespace, serviceName, securityGroups, tasks = 2 } = props;
    refuse(this, [
      ...misshapen(props, { serviceName: SERVICE_NAME, tasks: COUNT }),
      ...misshapen(placement, PLACEMENT),
      ...broken([[securityGroups.length === 0, 'securityGroups is empty: give at least one']]),
    ]);
    this.taskDefinition = taskDefinition(this, 'Task', placement, {
      family: `${Stack.of(this).stackName}-webapp`,
      cpu: 256,
      memory: 512,
    });
    this.#containers(props);
    this.service = serviceOn(this, 'Service', placement, {
      serviceName,
      taskDefinition: this.taskDefinition,
      desiredCount: tasks,
      securityGroups,
    });
    this.connections = this.service.connections;
    if (namespace !== undefined) this.#register(namespace);
  }

  #containers({ placement, namespace, image, logRetention = RetentionDays.ONE_MONTH }: WebappProps): void {
    const labelled = namespace === undefined;
    this.taskDefinition.addContainer('webapp', {
      image: image ?? builtImage('webapp', placement.architecture),
      portMappings: [{ containerPort: WEBAPP_PORT }],
      readonlyRootFilesystem: true,
      healthCheck: httpHealthCheck(`http://127.0.0.1:${WEBAPP_PORT}/health`, Duration.seconds(10)),
      logging: containerLogs(this, 'WebappLogs', logRetention),
      ...(labelled && { dockerLabels: scrapeLabels(WEBAPP_PORT) }),
    });
    this.taskDefinition.addContainer('ecs-exporter', {
      image: ContainerImage.fromRegistry(ECS_EXPORTER_IMAGE),
      portMappings: [{ containerPort: ECS_EXPORTER_PORT }],
      // The application goes on without its exporter, and the exporter is started again without the application.
      essential: false,
      enableRestartPolicy: true,
      readonlyRootFilesystem: true,
      logging: containerLogs(this, 'EcsExporterLogs', logRetention),
      ...(labelled && { dockerLabels: scrapeLabels(ECS_EXPORTER_PORT) }),
    });
  }

  #register(namespace: INamespace): void {
    const registry = new EcsManagedRegistry(this, 'Registry', {
      namespace,
      serviceName: REGISTRY_NAME,
      scrape: {
        metricsPath: METRICS_PATH,
        metricsPort: WEBAPP_PORT,
        ecsMetricsPath: METRICS_PATH,
        ecsMetricsPort: ECS_EXPORTER_PORT,
      },
    });
    this.service.associateCloudMapService({ service: registry });
  }
}

const scrapeLabels = (port: number): Record<string, string> => ({ ECS_PROMETHEUS_EXPORTER_PORT: String(port) });
