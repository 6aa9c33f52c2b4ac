/** The pipeline of the deployed collectors, with what differs between them taken from their environment. */
import { TARGET_FILES_FOLDER } from '../../../functions/discovery/names.ts';
import { collectorPipeline, HEALTH_CHECK_PORT } from './collector-pipeline.ts';
import { type FilledPipeline, fillPipeline, listedJobs } from './own-pipeline.ts';
import { fromEnvironment, secretVariables } from './scrape-jobs/notation.ts';
import { SCRAPE_DEFAULTS, type ScrapeSettings } from './scrape-jobs/scrape-configs.ts';
import type { SecretVariables } from './scrape-jobs/secret-value.ts';

/** Where the collector sees the volume that target-sync writes to. */
export const TARGETS_MOUNT = '/etc/prometheus-targets';
/** Where the collector sees the target files, and nothing else. */
const TARGETS_FOLDER = `${TARGETS_MOUNT}/${TARGET_FILES_FOLDER}`;
/** The image's TARGET_SYNC_HEALTH_PORT. */
export const SYNC_PORT = 13_134;

/** Variables of the collector's container that the pipeline refers to, so that its text is the same everywhere. */
export const VARIABLES = {
  remoteWriteUrl: 'REMOTE_WRITE_URL',
  workspaceRegion: 'WORKSPACE_REGION',
  collectorName: 'COLLECTOR_NAME',
} as const;

/** What the user says about scraping. */
export type DeployedScraping = Pick<ScrapeSettings, 'scrapeIntervalSeconds' | 'scrapeJob' | 'scrapeJobs'>;

const TASK = {
  targetFiles: `${TARGETS_FOLDER}/*.json`,
  region: fromEnvironment(VARIABLES.workspaceRegion),
  remoteWriteEndpoint: fromEnvironment(VARIABLES.remoteWriteUrl),
  collectorName: fromEnvironment(VARIABLES.collectorName),
  targetSyncPort: SYNC_PORT,
};

/** {@link collectorPipeline}, as deployed. */
export const deployedPipeline = (scraping: DeployedScraping = {}): string =>
  collectorPipeline({ ...TASK, ...scraping });

/**
 * A pipeline of the user, as deployed.
 *
 * @param text with placeholders
 * @param secrets variables that it may use besides those of the scrape jobs
 */
export function filledPipeline(text: string, scraping: DeployedScraping, secrets: SecretVariables): FilledPipeline {
  const { scrapeIntervalSeconds, selfMetricsPort } = { ...SCRAPE_DEFAULTS, ...scraping };
  return fillPipeline(
    text,
    {
      target_files: TASK.targetFiles,
      scrape_configs: listedJobs({ ...TASK, ...scraping }),
      scrape_interval: `${scrapeIntervalSeconds}s`,
      region: TASK.region,
      remote_write_endpoint: TASK.remoteWriteEndpoint,
      collector_name: TASK.collectorName,
      target_sync_port: String(SYNC_PORT),
      self_metrics_port: String(selfMetricsPort),
      health_check_port: String(HEALTH_CHECK_PORT),
    },
    [...Object.values(VARIABLES), ...Object.keys(secretVariables(scraping.scrapeJobs)), ...Object.keys(secrets)],
  );
}
