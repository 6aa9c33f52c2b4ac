/** All collectors of a deployment: as many as its discovery has queues, each with its own part of the targets. */
import { Annotations, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, type IConnectable, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { broken } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { JOB_NAME, SCRAPE_INTERVAL_SECONDS } from '../../props/shapes.ts';
import { serviceNameOn } from '../workload/task-placement.ts';
import { Collector, type CollectorProps, problemsOfCollector } from './collector.ts';
import { deployedPipeline, filledPipeline } from './deployed-pipeline.ts';
import { PipelineParameter, pipelineProblem } from './pipeline-parameter.ts';
import { jobProblems } from './scrape-jobs/job-problems.ts';
import { secretVariables } from './scrape-jobs/notation.ts';
import { SCRAPE_DEFAULTS } from './scrape-jobs/scrape-configs.ts';
import { jobsTooSlow, type ScrapeJob, scrapeJobsShape, warningsOf } from './scrape-jobs/scrape-job.ts';

/** Acknowledge it where what it says is meant to be so. */
const SCRAPING_WARNING = 'ecs-prometheus-discovery:scraping';

export interface CollectorsProps extends Omit<CollectorProps, 'index' | 'serviceName' | 'pipeline' | 'securityGroup'> {
  /** See `CollectorSecurityGroup`. */
  readonly securityGroup: ISecurityGroup;
  /**
   * Pipeline configuration in place of this project's, with placeholders: docs/scraping.md, "A pipeline of your own".
   * Its warnings say what does not work with it.
   * @default - file_sd, scrape, AMP
   */
  readonly pipeline?: string;
  /**
   * Seconds between two scrapes of a target.
   * @default 15
   */
  readonly scrapeIntervalSeconds?: number;
  /**
   * Label `job` of what is scraped, unless a docker label or a rule names another. Not `collector`, which is the job of the
   * collectors' own metrics.
   * @default 'ecs'
   */
  readonly scrapeJob?: string;
  /**
   * Scrape jobs in Prometheus' own words. Each takes the targets whose label `job` is its name; the one named like
   * `scrapeJob` says how all others are scraped. Passwords and tokens are the ARNs of secrets.
   * @default - all targets are scraped alike, without TLS settings and authorisation
   */
  readonly scrapeJobs?: readonly ScrapeJob[];
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

  constructor(scope: Construct, id: string, props: CollectorsProps) {
    super(scope, id);
    const { pipeline: _, scrapeIntervalSeconds, scrapeJob, scrapeJobs, ...others } = props;
    const { discovery, secrets } = props;
    const scrape = { scrapeIntervalSeconds, scrapeJob };
    const { pipeline, jobs, problems, warnings } = scraping(props);
    refuse(this, [
      ...misshapen(scrape, { scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS, scrapeJob: JOB_NAME }),
      ...problemsOfCollector(others),
      ...broken([
        [
          discovery.targetsChanged.queues.length === 0,
          `discovery ${discovery.deployment} has no queue for a collector: set collectors of its EcsPrometheusDiscovery`,
        ],
      ]),
      ...problems,
    ]);
    for (const one of warnings) Annotations.of(this).addWarningV2(SCRAPING_WARNING, `Collectors: ${one}.`);
    this.connections = new Connections({ securityGroups: [props.securityGroup] });
    this.pipeline = new PipelineParameter(this, 'Pipeline', {
      path: `/${discovery.deployment}/collector-pipeline`,
      pipeline,
    });
    this.all = discovery.targetsChanged.queues.map(
      (_, index) =>
        new Collector(this, String(index), {
          ...others,
          secrets: { ...secrets, ...secretVariables(jobs) },
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

type Scraping = Pick<CollectorsProps, 'pipeline' | 'scrapeIntervalSeconds' | 'scrapeJob' | 'scrapeJobs' | 'secrets'>;

/** The pipeline and its jobs, and what there is to say of them. */
function scraping({ pipeline: own, scrapeIntervalSeconds, scrapeJob, scrapeJobs = [], secrets = {} }: Scraping) {
  const parsed = scrapeJobsShape(process.cwd()).safeParse(scrapeJobs);
  const jobs = parsed.data ?? [];
  const all = {
    scrapeIntervalSeconds: scrapeIntervalSeconds ?? SCRAPE_DEFAULTS.scrapeIntervalSeconds,
    scrapeJob: scrapeJob ?? SCRAPE_DEFAULTS.scrapeJob,
    scrapeJobs: jobs,
  };
  const filled = own === undefined ? undefined : filledPipeline(own, all, secrets);
  const pipeline = filled?.pipeline ?? deployedPipeline(all);
  const ofJobs = parsed.success ? jobsTooSlow(jobs, all.scrapeIntervalSeconds) : jobProblems(parsed.error);
  const size = pipelineProblem(pipeline);
  return {
    pipeline,
    jobs,
    problems: [
      ...ofJobs.map((problem) => `scrapeJobs: ${problem}`),
      ...(filled?.problems ?? []).map((problem) => `pipeline ${problem}`),
      ...(size === undefined ? [] : [size]),
    ],
    warnings: [...warningsOf(jobs), ...(filled?.losses ?? [])],
  };
}
