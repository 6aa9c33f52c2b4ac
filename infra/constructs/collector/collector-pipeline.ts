/**
 * The collector's pipeline configuration as text: target files → scrape → AMP. The deployed task, `npm run local` and
 * the tests all take it from here, so that what is tried is what is deployed.
 */

export interface ScrapeSettings {
  /** Glob of the file_sd files that target-sync writes, for instance `/etc/prometheus-targets/file_sd/*.json`. */
  readonly targetFiles: string;
  /** Seconds between two scrapes of a target. @default 15 */
  readonly scrapeIntervalSeconds?: number;
  /** Job of what is discovered, and so its label `job`, unless the target has one of its own. @default SCRAPE_JOB */
  readonly scrapeJob?: string;
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

export interface CollectorPipelineSettings extends ScrapeSettings {
  /** Region of the AMP workspace, for the request signature. */
  readonly region: string;
  /** Remote-write URL: the workspace's endpoint with `api/v1/remote_write`. A CDK token is fine. */
  readonly remoteWriteEndpoint: string;
  /** Loopback port of the health check; ADOT's `/healthcheck` asks 13133. @default 13133 */
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

/** Scrape job of everything that this project discovers, unless the settings, a docker label or a rule name another. */
export const SCRAPE_JOB = 'ecs';

/** Scrape job of the collector's own metrics. */
export const COLLECTOR_JOB = 'collector';

/** Scrape job of the metrics of the target-sync beside the collector. */
export const TARGET_SYNC_JOB = 'target-sync';

/**
 * AMP refuses a remote-write request above 1 MB as a whole (aws-facts: service quotas); the exporter's own default is
 * 3 MB. It counts uncompressed bytes, so this is on the safe side by a wide margin.
 */
export const MAX_REMOTE_WRITE_BYTES = 900_000;

const DEFAULTS = {
  scrapeIntervalSeconds: 15,
  scrapeJob: SCRAPE_JOB,
  collectorName: 'collector',
  selfMetricsPort: 8888,
  healthCheckPort: 13133,
};

/** A YAML scalar in double quotes, which are JSON's rules. */
const quoted = (value: string): string => JSON.stringify(value);

/** The collector expands `$…` everywhere in its configuration; a dollar that means itself is doubled. */
const literal = (value: string): string => value.replaceAll('$', '$$$$');

/** Prometheus' own configuration: `global` and `scrape_configs`, nothing else. */
export const scrapeConfiguration = (settings: ScrapeSettings): string => {
  const { targetFiles, scrapeJob, collectorName, selfMetricsPort, targetSyncPort, ...all } = {
    ...DEFAULTS,
    ...settings,
  };
  const ownJob = (job: string, port: number): string => `  - job_name: ${job}
    static_configs:
      - targets: ["127.0.0.1:${port}"]
        labels:
          instance: ${quoted(collectorName)}
`;
  return `global:
  scrape_interval: ${all.scrapeIntervalSeconds}s
scrape_configs:
  - job_name: ${quoted(scrapeJob)}
    file_sd_configs:
      - files: [${quoted(targetFiles)}]
${ownJob(COLLECTOR_JOB, selfMetricsPort)}${targetSyncPort === undefined ? '' : ownJob(TARGET_SYNC_JOB, targetSyncPort)}`;
};

const indented = (text: string, by: string): string => text.trimEnd().replaceAll('\n', `\n${by}`);

/** The OpenTelemetry configuration for ADOT (`AOT_CONFIG_CONTENT`) or any collector with the same components. */
export const collectorPipeline = (settings: CollectorPipelineSettings): string => {
  const { collectorName, selfMetricsPort, healthCheckPort } = { ...DEFAULTS, ...settings };
  const { timeoutSeconds, retrySeconds, batchMilliseconds } = settings.remoteWrite ?? REMOTE_WRITE;
  const scrape = scrapeConfiguration({ ...settings, targetFiles: literal(settings.targetFiles) });
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
