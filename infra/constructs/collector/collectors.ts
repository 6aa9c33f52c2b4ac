/** All collectors of a deployment: as many as its discovery has queues, each with its own part of the targets. */
import { Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, type IConnectable, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { broken } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { JOB_NAME, SCRAPE_INTERVAL_SECONDS } from '../../props/shapes.ts';
import { serviceNameOn } from '../workload/task-placement.ts';
import { Collector, type CollectorProps, deployedPipeline, problemsOfCollector } from './collector.ts';
import { PipelineParameter } from './pipeline-parameter.ts';

export interface CollectorsProps extends Omit<CollectorProps, 'index' | 'serviceName' | 'pipeline' | 'securityGroup'> {
  /** See `CollectorSecurityGroup`. */
  readonly securityGroup: ISecurityGroup;
  /**
   * Pipeline configuration in place of this project's. It has to scrape the files of TARGETS_FOLDER.
   * @default - file_sd, scrape, AMP
   */
  readonly pipeline?: string;
  /**
   * Seconds between two scrapes of a target; without meaning for a pipeline of your own.
   * @default 15
   */
  readonly scrapeIntervalSeconds?: number;
  /**
   * Label `job` of what is scraped, unless a docker label or a rule names another; without meaning for a pipeline of your
   * own. Not `collector`, which is the job of the collectors' own metrics.
   * @default 'ecs'
   */
  readonly scrapeJob?: string;
}

/** @throws PropsError when the discovery has no queue for a collector, or another property is wrong */
export class Collectors extends Construct implements IConnectable {
  /** Of all their tasks: the security group that they were given. */
  readonly connections: Connections;
  /** In the order of their numbers. */
  readonly all: readonly Collector[];
  /** The alarms on lost data, one for each collector; none where they are turned off. */
  readonly alarms: readonly Alarm[];
  /** The SSM parameter below `/<deployment>/collector-pipeline`. */
  readonly pipeline: PipelineParameter;

  constructor(scope: Construct, id: string, { pipeline, scrapeIntervalSeconds, scrapeJob, ...props }: CollectorsProps) {
    super(scope, id);
    const { discovery } = props;
    const scrape = { scrapeIntervalSeconds, scrapeJob };
    refuse(this, [
      ...misshapen(scrape, { scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS, scrapeJob: JOB_NAME }),
      ...problemsOfCollector(props),
      ...broken([
        [
          discovery.targetsChanged.queues.length === 0,
          `discovery ${discovery.deployment} has no queue for a collector: set collectors of its EcsPrometheusDiscovery`,
        ],
      ]),
    ]);
    this.connections = new Connections({ securityGroups: [props.securityGroup] });
    this.pipeline = new PipelineParameter(this, 'Pipeline', {
      path: `/${discovery.deployment}/collector-pipeline`,
      pipeline:
        pipeline ??
        deployedPipeline({
          ...(scrapeIntervalSeconds !== undefined && { scrapeIntervalSeconds }),
          ...(scrapeJob !== undefined && { scrapeJob }),
        }),
    });
    this.all = discovery.targetsChanged.queues.map(
      (_, index) =>
        new Collector(this, String(index), {
          ...props,
          index,
          serviceName: serviceNameOn(props.placement, `${discovery.deployment}-collector-${index}`),
          pipeline: this.pipeline,
        }),
    );
    this.alarms = this.all.flatMap(({ lossAlarm }) => lossAlarm ?? []);
    // In a stack of its own, nothing else tells CloudFormation that the collectors need the queues and shards.
    if (Stack.of(this) !== Stack.of(discovery)) Stack.of(this).addStackDependency(Stack.of(discovery));
  }
}
