/** All collectors of a deployment: as many as its discovery has queues, each with its own part of the targets. */
import { Annotations, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { Collector, type CollectorProps } from './collector.ts';
import { type DeployedScraping, deployedPipeline, filledPipeline } from './deployed-pipeline.ts';
import { PipelineParameter } from './pipeline-parameter.ts';
import { jobProblems } from './scrape-jobs/job-problems.ts';
import { secretVariables } from './scrape-jobs/notation.ts';
import { SCRAPE_DEFAULTS } from './scrape-jobs/scrape-configs.ts';
import { type CheckedJob, jobsTooSlow, type ScrapeJob, scrapeJobsShape, warningsOf } from './scrape-jobs/scrape-job.ts';
import type { SecretVariables } from './scrape-jobs/secret-value.ts';

/** Acknowledge it where what it says is meant to be so. */
export const SCRAPING_WARNING = 'ecs-prometheus-discovery:scraping';

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

/** @throws Error when the discovery has no queue for a collector, or when jobs or pipeline cannot be deployed */
export class Collectors extends Construct {
  /** In the order of their numbers. */
  readonly all: readonly Collector[];
  /** The SSM parameter below `/<deployment>/collector-pipeline`. */
  readonly pipeline: PipelineParameter;

  constructor(scope: Construct, id: string, props: CollectorsProps) {
    super(scope, id);
    const { pipeline, scrapeIntervalSeconds, scrapeJob, scrapeJobs = [], secrets = {}, ...others } = props;
    const { discovery } = props;
    if (discovery.targetsChanged.queues.length === 0) {
      throw new Error(
        `${discovery.deployment} has no queue for a collector: set collectors of its EcsPrometheusDiscovery`,
      );
    }
    const jobs = checkedJobs(scrapeJobs, scrapeIntervalSeconds);
    const scraping = {
      ...(scrapeIntervalSeconds !== undefined && { scrapeIntervalSeconds }),
      ...(scrapeJob !== undefined && { scrapeJob }),
      ...(jobs.length > 0 && { scrapeJobs: jobs }),
    };
    this.pipeline = new PipelineParameter(this, 'Pipeline', {
      path: `/${discovery.deployment}/collector-pipeline`,
      pipeline: pipeline === undefined ? deployedPipeline(scraping) : this.#filled(pipeline, scraping, secrets),
    });
    for (const warning of warningsOf(jobs)) this.#warn(warning);
    this.all = discovery.targetsChanged.queues.map(
      (_, index) =>
        new Collector(this, String(index), {
          ...others,
          secrets: { ...secrets, ...secretVariables(jobs) },
          index,
          serviceName: `${discovery.deployment}-collector-${index}`,
          pipeline: this.pipeline,
        }),
    );
    // In a stack of its own, nothing else tells CloudFormation that the collectors need the queues and shards.
    if (Stack.of(this) !== Stack.of(discovery)) Stack.of(this).addStackDependency(Stack.of(discovery));
  }
  #filled(text: string, scraping: DeployedScraping, secrets: SecretVariables): string {
    const { pipeline, problems, losses } = filledPipeline(text, scraping, secrets);
    if (problems.length > 0) throw new Error(`The pipeline of the collectors ${problems.join('; it ')}.`);
    for (const loss of losses) this.#warn(loss);
    return pipeline;
  }

  #warn(sentence: string): void {
    Annotations.of(this).addWarningV2(SCRAPING_WARNING, `Collectors: ${sentence}.`);
  }
}

/** @throws Error with what is wrong in each of them */
function checkedJobs(
  jobs: readonly ScrapeJob[],
  scrapeIntervalSeconds = SCRAPE_DEFAULTS.scrapeIntervalSeconds,
): readonly CheckedJob[] {
  const parsed = scrapeJobsShape(process.cwd()).safeParse(jobs);
  const problems = parsed.success ? jobsTooSlow(parsed.data, scrapeIntervalSeconds) : jobProblems(parsed.error);
  if (!parsed.success || problems.length > 0) throw new Error(`scrapeJobs: ${problems.join('; ')}.`);
  return parsed.data;
}
