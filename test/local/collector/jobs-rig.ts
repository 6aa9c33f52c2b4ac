/** A real collector with scrape jobs of a user, a Prometheus that it writes to, and targets in one file. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretVariables } from '../../../infra/constructs/collector/scrape-jobs/notation.ts';
import { type ScrapeJob, scrapeJobsShape } from '../../../infra/constructs/collector/scrape-jobs/scrape-job.ts';
import { type LocalCollector, startCollector } from '../../../infra/local/collector/local-collector.ts';
import type { CollectorProgram } from '../../../infra/local/collector/program.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { type Prometheus, startPrometheus } from '../../../infra/local/prometheus/local-prometheus.ts';
import { TLS_FOLDER } from './metrics-target.ts';

/** One target, as target-sync writes it. */
export interface PublishedTarget {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A target as the collector says that it scrapes it. */
export interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
  readonly scrapeInterval: string;
}

export interface JobsRig {
  readonly collector: LocalCollector;
  readonly prometheus: Prometheus;
  /** All targets that were discovered and are scraped. */
  readonly active: () => Promise<readonly ActiveTarget[]>;
  /** Of one job, by the label of its targets, once it has been scraped. */
  readonly scraped: (job: string) => Promise<ActiveTarget | undefined>;
  readonly close: () => Promise<void>;
}

export interface JobsRigOptions {
  readonly name: string;
  readonly program: CollectorProgram;
  readonly jobs: readonly ScrapeJob[];
  readonly targets: readonly PublishedTarget[];
  /** Values of secrets by their ARN, and the field if there is one. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The ARN of a secret of this name. */
export const secretOf = (name: string): string => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbCdEf`;

export async function startJobsRig({ name, program, jobs, targets, values = {} }: JobsRigOptions): Promise<JobsRig> {
  const directory = join(PROJECT_ROOT, '.local/test', name);
  const targetsDirectory = join(directory, 'targets');
  await rm(directory, { recursive: true, force: true });
  await mkdir(targetsDirectory, { recursive: true });
  const groups = targets.map(({ address, labels }) => ({ targets: [address], labels }));
  await writeFile(join(targetsDirectory, 'prod-0.json'), JSON.stringify(groups));
  const scrapeJobs = scrapeJobsShape(TLS_FOLDER).parse(jobs);
  const secrets = Object.entries(secretVariables(scrapeJobs)).map(([variable, { secret, field }]): [string, string] => {
    const value = values[field === undefined ? secret : `${secret}:${field}`];
    if (value === undefined) throw new Error(`${secret} has no value`);
    return [variable, value];
  });
  const prometheus = await startPrometheus({
    directory: join(directory, 'prometheus'),
    log: `${directory}-prometheus.log`,
    port: 0,
  });
  const collector = await startCollector({
    program,
    targetsDirectory,
    remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
    scrapeIntervalSeconds: 1,
    scrapeJobs,
    secrets: Object.fromEntries(secrets),
    directory: join(directory, 'collector'),
    log: `${directory}.log`,
  }).catch(async (error: unknown) => {
    await prometheus.stop();
    throw error;
  });
  const active = async (): Promise<readonly ActiveTarget[]> => {
    const answer = await fetch(`${collector.apiEndpoint}/api/v1/targets`);
    const { data } = (await answer.json()) as { data: { activeTargets: readonly ActiveTarget[] } };
    return data.activeTargets.filter(({ scrapePool }) => scrapePool !== 'collector');
  };
  return {
    collector,
    prometheus,
    active,
    scraped: async (job) =>
      (await active()).find(({ labels, health }) => labels['job'] === job && health !== 'unknown'),
    close: async () => {
      await collector.stop();
      await prometheus.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
