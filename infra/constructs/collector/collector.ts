/** One collector: the official ADOT image, and beside it the target-sync that feeds it target files. */
import { Duration } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IConnectable, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  type BaseService,
  type ContainerDefinition,
  ContainerDependencyCondition,
  ContainerImage,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { type ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { broken, fargateSize } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { COLLECTOR_CPU, COLLECTOR_MEMORY, SERVICE_NAME } from '../../props/shapes.ts';
import type { EcsPrometheusDiscovery } from '../ecs-prometheus-discovery.ts';
import { containerGrantTarget } from '../grant-target.ts';
import { builtImage } from '../workload/container-images.ts';
import {
  containerLogGroup,
  containerLogs,
  httpHealthCheck,
  logTo,
  PLACEMENT,
  type Placement,
  serviceOn,
  type TaskSize,
  taskDefinition,
} from '../workload/task-placement.ts';
import { SYNC_PORT, TARGETS_MOUNT, VARIABLES } from './deployed-pipeline.ts';
import { LossAlarm } from './loss-alarm.ts';
import { ManagedSecret } from './managed-secret.ts';
import type { PipelineParameter } from './pipeline-parameter.ts';
import type { SecretVariables } from './scrape-jobs/secret-value.ts';
import { type MetricsWorkspace, remoteWriteUrl } from './workspace.ts';

/** ADOT of August 2026, with OpenTelemetry 0.158: the version that the pipeline is tested with. */
const ADOT_IMAGE = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0';

/** Where the image of target-sync declares its volume, which decides the owner and the mode of the files. */
const SYNC_FOLDER = '/targets';
const VOLUME = 'targets';

/** The longest that Fargate allows (ECS developer guide, container definition parameters, "stopTimeout"). */
const STOP_TIMEOUT = Duration.seconds(120);

/** MiB. target-sync was measured at 88 MB with 10,000 targets; the rest of the task is the collector's. */
const SYNC_MEMORY = 128;
const SYNC_HEALTH_URL = `http://127.0.0.1:${SYNC_PORT}/`;

export interface CollectorProps extends Partial<TaskSize> {
  /** Whose targets are scraped. */
  readonly discovery: EcsPrometheusDiscovery;
  /** Which of the discovery's collectors this one is, counted from 0. */
  readonly index: number;
  /** Name of the ECS service, and value of the label `instance` of its own metrics. */
  readonly serviceName: string;
  readonly placement: Placement;
  readonly securityGroup: ISecurityGroup;
  /** Its configuration, which it reads when it starts. */
  readonly pipeline: PipelineParameter;
  /**
   * Secrets that the pipeline takes from the environment, by the names of their variables.
   * @default - none
   */
  readonly secrets?: SecretVariables;
  readonly workspace: MetricsWorkspace;
  /**
   * The collector's image.
   * @default - ADOT, see ADOT_IMAGE
   */
  readonly image?: ContainerImage;
  /**
   * The image of target-sync.
   * @default - built from this repository
   */
  readonly targetSyncImage?: ContainerImage;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /**
   * Whether to make the CloudWatch alarm on data that the collector loses.
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Who is told when it goes on.
   * @default - nobody: the alarm only shows its state
   */
  readonly alarmAction?: IAlarmAction | undefined;
}

const COLLECTOR_SIZE: TaskSize = { cpu: 512, memory: 1024 };

/** One sentence for each problem of the size, and of the name if there is one. */
export function problemsOfCollector({
  cpu = COLLECTOR_SIZE.cpu,
  memory = COLLECTOR_SIZE.memory,
  placement,
  serviceName,
}: Pick<CollectorProps, 'placement'> & Partial<CollectorProps>): string[] {
  const bad = misshapen(
    { cpu, memory, serviceName },
    { cpu: COLLECTOR_CPU, memory: COLLECTOR_MEMORY, serviceName: SERVICE_NAME },
  );
  return [
    ...bad,
    ...misshapen(placement, PLACEMENT),
    ...broken(bad.length === 0 && placement.launchType === 'FARGATE' ? [fargateSize(cpu, memory, 'memory')] : []),
  ];
}

export class Collector extends Construct implements IConnectable {
  /** Of its tasks: the security group that it was given. */
  readonly connections: Connections;
  readonly service: BaseService;
  readonly taskDefinition: TaskDefinition;
  /** Goes on when the collector loses data; undefined without alarms. */
  readonly lossAlarm: Alarm | undefined;

  constructor(scope: Construct, id: string, props: CollectorProps) {
    super(scope, id);
    refuse(this, problemsOfCollector(props));
    const { cpu = COLLECTOR_SIZE.cpu, memory = COLLECTOR_SIZE.memory } = props;
    this.taskDefinition = taskDefinition(this, 'Task', props.placement, {
      family: props.serviceName,
      cpu,
      memory,
      volumes: [{ name: VOLUME }],
    });
    const { serviceName, alarms = true, alarmAction, logRetention = RetentionDays.ONE_MONTH } = props;
    const logGroup = containerLogGroup(this, 'CollectorLogs', logRetention);
    const targetSync = this.#targetSync(props);
    const collector = this.#collector(props, memory - SYNC_MEMORY, logGroup);
    this.lossAlarm = alarms
      ? new LossAlarm(this, 'Loss', { collectorName: serviceName, logGroup, action: alarmAction }).alarm
      : undefined;
    // Not before there are target files. At the end ECS stops them in the opposite order.
    collector.addContainerDependencies({ container: targetSync, condition: ContainerDependencyCondition.HEALTHY });
    props.workspace.grantRemoteWrite(this.taskDefinition.taskRole);
    // While a deployment starts the new task before it stops the old one, both scrape the same targets, which AMP
    // takes, and both read the same queue: a change that the old one took, the new one sees at its next refresh.
    this.service = serviceOn(this, 'Service', props.placement, {
      serviceName: props.serviceName,
      taskDefinition: this.taskDefinition,
      desiredCount: 1,
      securityGroups: [props.securityGroup],
    });
    this.connections = this.service.connections;
  }

  #targetSync(props: CollectorProps): ContainerDefinition {
    const { discovery, index, placement, logRetention = RetentionDays.ONE_MONTH } = props;
    const container = this.taskDefinition.addContainer('target-sync', {
      image: props.targetSyncImage ?? builtImage('target-sync', placement.architecture),
      // A crash is repaired in place: the collector keeps its targets meanwhile. One that crashes again within the
      // shortest time that ECS allows cannot be helped by that, and ECS replaces the task.
      essential: true,
      enableRestartPolicy: true,
      restartAttemptPeriod: Duration.seconds(60),
      memoryLimitMiB: SYNC_MEMORY,
      readonlyRootFilesystem: true,
      healthCheck: httpHealthCheck(SYNC_HEALTH_URL, Duration.seconds(30)),
      logging: containerLogs(this, 'TargetSyncLogs', logRetention),
    });
    container.addMountPoints({ sourceVolume: VOLUME, containerPath: SYNC_FOLDER, readOnly: false });
    discovery.grantSync(containerGrantTarget(container), index);
    return container;
  }

  #collector(props: CollectorProps, memory: number, logGroup: ILogGroup): ContainerDefinition {
    const { pipeline, secrets = {}, workspace, serviceName } = props;
    const container = this.taskDefinition.addContainer('collector', {
      image: props.image ?? ContainerImage.fromRegistry(ADOT_IMAGE),
      essential: true,
      // Its memory limiter works by the limit of the container, and Go's collector by GOMEMLIMIT; both at 80 %.
      memoryLimitMiB: memory,
      readonlyRootFilesystem: true,
      environment: {
        [VARIABLES.remoteWriteUrl]: remoteWriteUrl(workspace),
        [VARIABLES.workspaceRegion]: workspace.region,
        [VARIABLES.collectorName]: serviceName,
        GOMEMLIMIT: `${Math.floor(memory * 0.8)}MiB`,
        // Which pipeline a task runs, for a person, and a task definition that says by itself that it is another.
        PIPELINE_DIGEST: pipeline.digest,
      },
      secrets: {
        AOT_CONFIG_CONTENT: pipeline.secret,
        ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, new ManagedSecret(secret)])),
      },
      // The image has no shell; this program asks the pipeline's health_check extension.
      healthCheck: {
        command: ['CMD', '/healthcheck'],
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(30),
      },
      // What it holds for AMP is lost with it: while AMP fails, it goes on trying for as long as ECS lets it.
      stopTimeout: STOP_TIMEOUT,
      logging: logTo(logGroup),
    });
    container.addMountPoints({ sourceVolume: VOLUME, containerPath: TARGETS_MOUNT, readOnly: true });
    return container;
  }
}
