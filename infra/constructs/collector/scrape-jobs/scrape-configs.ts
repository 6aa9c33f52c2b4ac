/**
 * The scrape jobs as Prometheus reads them. All of them read the same target files; exactly one takes each target:
 *
 * | label `job` of the target    | job that takes it                              |
 * |------------------------------|------------------------------------------------|
 * | none                         | that of the setting `scrapeJob`                |
 * | the name of one of the jobs  | that job                                       |
 * | anything else                | that of the setting `scrapeJob`; the label stays |
 */
import { COLLECTOR_JOB, SCRAPE_JOB, TARGET_SYNC_JOB } from '../job-names.ts';
import { inNotation, type Notation } from './notation.ts';
import type { CheckedJob } from './scrape-job.ts';

export interface ScrapeSettings {
  /** Glob of the file_sd files that target-sync writes, for instance `/etc/prometheus-targets/file_sd/*.json`. */
  readonly targetFiles: string;
  /** Seconds between two scrapes of a target. @default 15 */
  readonly scrapeIntervalSeconds?: number;
  /** Job of what is discovered, and so its label `job`, unless the target has one of its own. @default SCRAPE_JOB */
  readonly scrapeJob?: string;
  /** Jobs of the user; the one named like `scrapeJob` says how that scrapes. @default none */
  readonly scrapeJobs?: readonly CheckedJob[];
  /**
   * The `instance` label of the collector's own metrics, which keeps several collectors apart. In the pipeline it may
   * be a reference to the environment such as `${env:COLLECTOR_NAME:-collector}`. @default collector
   */
  readonly collectorName?: string;
  /** Loopback port of the collector's own metrics. @default 8888 */
  readonly selfMetricsPort?: number;
  /** Loopback port of the target-sync beside the collector. @default - its metrics are not scraped */
  readonly targetSyncPort?: number | undefined;
}

export const SCRAPE_DEFAULTS = {
  scrapeIntervalSeconds: 15,
  scrapeJob: SCRAPE_JOB,
  collectorName: 'collector',
  selfMetricsPort: 8888,
};

/** One entry of `scrape_configs`. */
export type ScrapeConfig = Readonly<Record<string, unknown>>;

/** The name as a regular expression; of what a name may hold, only the dot means more than itself. */
const exactly = (name: string): string => name.replaceAll('.', '\\.');

const choice = (action: 'keep' | 'drop', names: readonly string[]) =>
  names.length === 0 ? [] : [{ source_labels: ['job'], regex: names.map(exactly).join('|'), action }];

const ownJob = (job: string, port: number, instance: string): ScrapeConfig => ({
  job_name: job,
  static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { instance } }],
});

/** All entries of `scrape_configs`: what was discovered, then the collector itself and what is beside it. */
export function scrapeConfigs(settings: ScrapeSettings, notation: Notation): readonly ScrapeConfig[] {
  const { scrapeJob, scrapeJobs = [], collectorName, selfMetricsPort } = { ...SCRAPE_DEFAULTS, ...settings };
  const { targetFiles, targetSyncPort } = settings;

  /** @param poolName name of the job for Prometheus, and label `job` of targets that have none */
  const discovered = (
    poolName: string,
    chosen: ReturnType<typeof choice>,
    { job_name: _, relabel_configs = [], ...job }: Partial<CheckedJob> = {},
  ): ScrapeConfig => {
    const relabelling = [...chosen, ...relabel_configs];
    const config = {
      job_name: poolName,
      ...job,
      file_sd_configs: [{ files: [targetFiles] }],
      ...(relabelling.length > 0 && { relabel_configs: relabelling }),
    };
    return inNotation(config, scrapeJobs, notation) as ScrapeConfig;
  };

  const named = scrapeJobs.filter(({ job_name }) => job_name !== scrapeJob);
  const others = choice(
    'drop',
    named.map(({ job_name }) => job_name),
  );
  return [
    discovered(
      scrapeJob,
      others,
      scrapeJobs.find(({ job_name }) => job_name === scrapeJob),
    ),
    // Before relabelling, a target without the label has the name of each job in it: it must be none that is chosen by.
    ...named.map((job) => discovered(`${scrapeJob}/${job.job_name}`, choice('keep', [job.job_name]), job)),
    ownJob(COLLECTOR_JOB, selfMetricsPort, collectorName),
    ...(targetSyncPort === undefined ? [] : [ownJob(TARGET_SYNC_JOB, targetSyncPort, collectorName)]),
  ];
}
