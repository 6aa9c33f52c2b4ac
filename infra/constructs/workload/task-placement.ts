/** Where the tasks of a service run, and the tasks as all services of this project have them. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  AwsLogDriverMode,
  type BaseService,
  type CloudMapOptions,
  Compatibility,
  CpuArchitecture,
  Ec2Service,
  FargateService,
  type ICluster,
  LogDriver,
  NetworkMode,
  OperatingSystemFamily,
  PropagatedTagSource,
  TaskDefinition,
  type Volume,
} from 'aws-cdk-lib/aws-ecs';
import { type ILogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Shapes } from '../../props/problems.ts';
import { ARCHITECTURE, LAUNCH_TYPE } from '../../props/shapes.ts';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts';

/** Where tasks with a network interface of their own (awsvpc) run. */
export interface Placement {
  /** The cluster; it carries the VPC. */
  readonly cluster: ICluster;
  /** The subnets of the tasks; they need a way to the AWS APIs and to the image registries. */
  readonly subnets: SubnetSelection;
  /** Whose machines. */
  readonly launchType: 'FARGATE' | 'EC2';
  /**
   * Capacity provider of EC2 tasks.
   * @default - the instances of the cluster as they are, without scaling
   */
  readonly capacityProvider?: string | undefined;
  /** Of Fargate tasks and of the images that this project builds; on EC2 it has to be that of the instances. */
  readonly architecture: 'ARM64' | 'X86_64';
}

export const PLACEMENT: Shapes<Placement> = { launchType: LAUNCH_TYPE, architecture: ARCHITECTURE };

/**
 * ECS cannot move a service to another launch type, and CloudFormation cannot replace a service that keeps its name. So a
 * service has another name on EC2, and the new one runs before the old one goes.
 */
export const serviceNameOn = ({ launchType }: Placement, name: string): string =>
  launchType === 'EC2' ? `${name}-ec2` : name;

export interface TaskSize {
  /** CPU units, 1,024 a vCPU. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}

export interface TaskDefinitionOptions extends TaskSize {
  /** Name of the task definition, which is also a label of what is scraped. */
  readonly family: string;
  readonly volumes?: Volume[];
}

/** A task definition in network mode awsvpc. */
export function taskDefinition(
  scope: Construct,
  id: string,
  { launchType, architecture }: Placement,
  { family, cpu, memory, volumes = [] }: TaskDefinitionOptions,
): TaskDefinition {
  const task = new TaskDefinition(scope, id, {
    family,
    compatibility: launchType === 'FARGATE' ? Compatibility.FARGATE : Compatibility.EC2,
    networkMode: NetworkMode.AWS_VPC,
    cpu: String(cpu),
    memoryMiB: String(memory),
    volumes,
    ...(launchType === 'FARGATE' && {
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.of(architecture),
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    }),
  });
  acknowledgeTask(task);
  return task;
}

/** What every task definition here has, and cdk-nag asks about. */
export function acknowledgeTask(task: TaskDefinition): void {
  acknowledge(task, { 'AwsSolutions-ECS2': 'The environment holds names and numbers, no secrets.' });
  acknowledgeWildcards(task.obtainExecutionRole(), ['*'], 'ecr:GetAuthorizationToken has no resource.');
}

export interface ServiceOnProps {
  readonly serviceName: string;
  readonly taskDefinition: TaskDefinition;
  readonly desiredCount: number;
  readonly securityGroups: ISecurityGroup[];
  /** @default - ECS registers the tasks nowhere */
  readonly cloudMapOptions?: CloudMapOptions;
}

/** A service whose deployment goes back to the last good one when its tasks do not become healthy. */
export function serviceOn(scope: Construct, id: string, placement: Placement, props: ServiceOnProps): BaseService {
  const { cluster, subnets, launchType, capacityProvider } = placement;
  const common = {
    ...props,
    cluster,
    vpcSubnets: subnets,
    // The old tasks stay until the new ones are healthy.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  };
  const service =
    launchType === 'FARGATE'
      ? new FargateService(scope, id, { ...common, assignPublicIp: false })
      : new Ec2Service(scope, id, {
          ...common,
          ...(capacityProvider !== undefined && { capacityProviderStrategies: [{ capacityProvider, weight: 1 }] }),
        });
  dependOnRoles(service, props.taskDefinition);
  return service;
}

/** Tasks need the policies of their execution role at once, to read secrets and to log; CDK waits for the task role only. */
export const dependOnRoles = (service: BaseService, task: TaskDefinition): void =>
  service.node.addDependency(task.obtainExecutionRole());

/** Where a container logs to; it goes when the stack goes. */
export const containerLogGroup = (scope: Construct, id: string, retention: RetentionDays): LogGroup =>
  new LogGroup(scope, id, { retention, removalPolicy: RemovalPolicy.DESTROY });

/** Without "non-blocking" a container stands still while CloudWatch Logs cannot be reached. */
export const logTo = (logGroup: ILogGroup): LogDriver =>
  LogDriver.awsLogs({ logGroup, streamPrefix: 'ecs', mode: AwsLogDriverMode.NON_BLOCKING });

/** Logs of a container, which go when the stack goes. */
export const containerLogs = (scope: Construct, id: string, retention: RetentionDays): LogDriver =>
  logTo(containerLogGroup(scope, id, retention));

/** The health check of an image of this project, as its Dockerfile has it: ECS looks only at the task definition. */
export const httpHealthCheck = (url: string, startPeriod: Duration) => ({
  command: ['CMD-SHELL', `wget -q -O /dev/null ${url} || exit 1`],
  interval: Duration.seconds(15),
  timeout: Duration.seconds(3),
  retries: 3,
  startPeriod,
});
