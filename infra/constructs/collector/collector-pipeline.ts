/**
 * The collector's pipeline configuration as text: target files → scrape → AMP. The deployed task, `npm run local` and
 * the tests all take it from here, so that what is tried is what is deployed.
 */

import { stringify } from 'yaml';
import { COLLECTOR_JOB } from './job-names.ts';
import { FOR_COLLECTOR, type Notation } from './scrape-jobs/notation.ts';
import { SCRAPE_DEFAULTS, type ScrapeSettings, scrapeConfigs } from './scrape-jobs/scrape-configs.ts';

export interface CollectorPipelineSettings extends ScrapeSettings {
  /** Region of the AMP workspace, for the request signature. */
  readonly region: string;
  /** Remote-write URL: the workspace's endpoint with `api/v1/remote_write`. A CDK token is fine. */
  readonly remoteWriteEndpoint: string;
  /** Loopback port of the health check. @default HEALTH_CHECK_PORT */
  readonly healthCheckPort?: number;
  /** How the exporter meets a workspace that does not take its data. @default REMOTE_WRITE */
  readonly remoteWrite?: RemoteWriteTiming;
}

/** Times of the exporter. All were measured: docs/decisions/remote-write.md, and `npm run bench:collector` again. */
export interface RemoteWriteTiming {
  /**
   * Seconds that a batch is tried for; then it is dropped and the next one is tried. It is also the longest wait for one
   * answer. The exporter's own default is 5.
   */
  readonly timeoutSeconds: number;
  /**
   * Seconds from a try that failed to the next, half as long to one and a half times as long by chance. It does not grow:
   * the exporter does not hand `max_interval` on. Its own default is 0.05.
   */
  readonly retrySeconds: number;
  /**
   * Milliseconds that scrapes are gathered for, to be sent, and lost, together. One batch is sent after the other: a
   * receiver that needs longer for its answer than this is one that the collector cannot keep up with.
   */
  readonly batchMilliseconds: number;
}

/** Longer than an AMP that fails for a minute and a half, so that the oldest batch outlives it and nothing is lost. */
export const REMOTE_WRITE: RemoteWriteTiming = { timeoutSeconds: 120, retrySeconds: 2, batchMilliseconds: 500 };

/**
 * AMP refuses a remote-write request above 1 MB as a whole (aws-facts: service quotas); the exporter's own default is
 * 3 MB. It counts uncompressed bytes, so this is on the safe side by a wide margin.
 */
export const MAX_REMOTE_WRITE_BYTES = 900_000;

/** What ADOT's `/healthcheck` asks. */
export const HEALTH_CHECK_PORT = 13_133;

/** Strings in quotes always: YAML has many that mean something else without. */
const YAML = {
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  lineWidth: 0,
  // A certificate stays on one line: its indentation would take more room than it.
  doubleQuotedMinMultiLineLength: 1_000_000,
} as const;

/** A string of YAML, which may be JSON's. */
const quoted = (value: string): string => JSON.stringify(value);

/** Prometheus' own configuration: `global` and `scrape_configs`, nothing else. */
export function scrapeConfiguration(settings: ScrapeSettings, notation: Notation): string {
  const { scrapeIntervalSeconds } = { ...SCRAPE_DEFAULTS, ...settings };
  const configuration = {
    global: { scrape_interval: `${scrapeIntervalSeconds}s` },
    scrape_configs: scrapeConfigs(settings, notation),
  };
  return stringify(configuration, YAML);
}

const indented = (text: string, by: string): string => text.trimEnd().replaceAll('\n', `\n${by}`);

/** The OpenTelemetry configuration for ADOT (`AOT_CONFIG_CONTENT`) or any collector with the same components. */
export const collectorPipeline = (settings: CollectorPipelineSettings): string => {
  const { collectorName, selfMetricsPort } = { ...SCRAPE_DEFAULTS, ...settings };
  const { healthCheckPort = HEALTH_CHECK_PORT } = settings;
  const { timeoutSeconds, retrySeconds, batchMilliseconds } = settings.remoteWrite ?? REMOTE_WRITE;
  const scrape = scrapeConfiguration(settings, FOR_COLLECTOR);
  return `extensions:
  health_check:
    endpoint: 127.0.0.1:${healthCheckPort}
  sigv4auth:
    region: ${quoted(settings.region)}
    service: aps
receivers:
  prometheus:
    discovery_reload_on_startup: true
    config:
      ${indented(scrape, '      ')}
processors:
  memory_limiter:
    check_interval: 1s
    limit_percentage: 80
    spike_limit_percentage: 20
  batch:
    timeout: ${batchMilliseconds}ms
exporters:
  prometheus_remote_write:
    endpoint: ${quoted(settings.remoteWriteEndpoint)}
    auth:
      authenticator: sigv4auth
    timeout: ${timeoutSeconds}s
    retry_on_failure:
      initial_interval: ${retrySeconds}s
    max_batch_size_bytes: ${MAX_REMOTE_WRITE_BYTES}
    translation_strategy: UnderscoreEscapingWithoutSuffixes
    disable_scope_info: true
    target_info:
      enabled: false
service:
  extensions: [health_check, sigv4auth]
  pipelines:
    metrics:
      receivers: [prometheus]
      processors: [memory_limiter, batch]
      exporters: [prometheus_remote_write]
  telemetry:
    resource:
      attributes:
        - name: service.name
          value: ${COLLECTOR_JOB}
        - name: service.instance.id
          value: ${quoted(collectorName)}
    metrics:
      readers:
        - pull:
            exporter:
              prometheus:
                host: 127.0.0.1
                port: ${selfMetricsPort}
`;
};
