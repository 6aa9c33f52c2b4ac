/** The pipeline of the documentation, and what is wrong with others, by the real collector. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collectorPipeline } from '../../../infra/constructs/collector/collector-pipeline.ts';
import { filledPipeline, VARIABLES } from '../../../infra/constructs/collector/deployed-pipeline.ts';
import { fillPipeline, listedJobs } from '../../../infra/constructs/collector/own-pipeline.ts';
import {
  PLACEHOLDER_NAMES,
  type PlaceholderValues,
  placeholder,
} from '../../../infra/constructs/collector/placeholders.ts';
import { type ScrapeJob, scrapeJobsShape } from '../../../infra/constructs/collector/scrape-jobs/scrape-job.ts';
import { type LocalCollector, startCollector } from '../../../infra/local/collector/local-collector.ts';
import {
  CONFIGURATION,
  type CollectorTask,
  type OpenTelemetryCollector,
  openTelemetryCollector,
} from '../../../infra/local/collector/program.ts';
import { LOCAL_REGION } from '../../../infra/local/loopback.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { type Prometheus, startPrometheus } from '../../../infra/local/prometheus/local-prometheus.ts';
import { blocksOf, pageOf, sectionOf } from '../../docs/pages.ts';
import { until } from '../until.ts';
import { secretOf } from './jobs-rig.ts';
import { type MetricsTarget, startMetricsTarget, TLS_FOLDER } from './metrics-target.ts';

const BUILD_MILLISECONDS = 20 * 60_000;
const DIRECTORY = join(PROJECT_ROOT, '.local/test/own-pipeline');

const OWN = sectionOf(pageOf('docs/scraping.md'), 'A pipeline of your own');
const [DOCUMENTED = ''] = blocksOf(OWN, 'yaml');

const JOBS: readonly ScrapeJob[] = [
  {
    job_name: 'secure',
    scheme: 'https',
    scrape_interval: '1s',
    tls_config: { ca_file: 'authority.pem', server_name: 'metrics.internal' },
    basic_auth: { username: 'me', password: { secret: secretOf('password') } },
    relabel_configs: [{ source_labels: ['job'], regex: '(.*)', target_label: 'copy', replacement: '$1' }],
  },
];
const scrapeJobs = scrapeJobsShape(TLS_FOLDER).parse(JOBS);

/** As on this machine instead of in a deployed task. */
const valuesFor = (task: CollectorTask): PlaceholderValues => ({
  target_files: task.targetFiles,
  scrape_configs: listedJobs(task),
  scrape_interval: '1s',
  region: LOCAL_REGION,
  remote_write_endpoint: task.remoteWriteEndpoint,
  collector_name: task.collectorName,
  target_sync_port: String(task.targetSyncPort),
  self_metrics_port: String(task.selfMetricsPort),
  health_check_port: String(task.healthCheckPort),
});

describe('the pipeline of the documentation', () => {
  let program: OpenTelemetryCollector;
  let prometheus: Prometheus;
  let collector: LocalCollector;
  const targets: MetricsTarget[] = [];

  beforeAll(async () => {
    program = await openTelemetryCollector();
    await rm(DIRECTORY, { recursive: true, force: true });
    await mkdir(join(DIRECTORY, 'targets'), { recursive: true });
    const secure = await startMetricsTarget({ tls: true, page: () => 'shop_orders 1\n' });
    const plain = await startMetricsTarget({ tls: false, page: () => 'shop_orders 2\n' });
    targets.push(secure, plain);
    const groups = [
      { targets: [secure.address], labels: { job: 'secure', taskid: 'one', __metrics_path__: '/metrics' } },
      { targets: [plain.address], labels: { taskid: 'two', __metrics_path__: '/metrics' } },
    ];
    await writeFile(join(DIRECTORY, 'targets', 'prod-0.json'), JSON.stringify(groups));
    prometheus = await startPrometheus({
      directory: join(DIRECTORY, 'prometheus'),
      log: `${DIRECTORY}-prometheus.log`,
      port: 0,
    });
    collector = await startCollector({
      program: {
        ...program,
        prepare: async (task) => {
          const launch = await program.prepare(task);
          const { pipeline, problems } = fillPipeline(DOCUMENTED, valuesFor(task), ['SCRAPE_SECRET_1']);
          expect(problems).toEqual([]);
          return { ...launch, environment: { ...launch.environment, [CONFIGURATION]: pipeline } };
        },
      },
      targetsDirectory: join(DIRECTORY, 'targets'),
      remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
      scrapeIntervalSeconds: 1,
      scrapeJobs,
      secrets: { SCRAPE_SECRET_1: 'hunter2' },
      directory: join(DIRECTORY, 'collector'),
      log: `${DIRECTORY}.log`,
    });
  }, BUILD_MILLISECONDS);

  afterAll(async () => {
    await collector?.stop();
    await prometheus?.stop();
    await Promise.all(targets.map((target) => target.close()));
    await rm(DIRECTORY, { recursive: true, force: true });
  });

  it('scrapes what was discovered by the scrape jobs, with what it adds itself', async () => {
    const orders = await until('both samples', async () => {
      const found = await prometheus.query('shop_orders');
      return found.length === 2 && found;
    });
    expect(orders.map(({ labels, value }) => [labels['taskid'], labels['job'], labels['team'], value]).sort()).toEqual([
      ['one', 'secure', 'shop', 1],
      ['two', 'ecs', 'shop', 2],
    ]);
    expect(orders.find(({ labels }) => labels['taskid'] === 'one')?.labels['copy']).toBe('secure');
    const login = Buffer.from('me:hunter2').toString('base64');
    expect(targets[0]?.authorizations.get('/metrics')).toBe(`Basic ${login}`);
  }, 40_000);

  it('has the metrics of the collector itself', async () => {
    await until('up', async () => (await prometheus.query('up{job="collector"} == 1')).length === 1);
  }, 40_000);

  it('is accepted as it is deployed, and so is every placeholder', async () => {
    const environment = { [VARIABLES.remoteWriteUrl]: 'https://example.com/write', [VARIABLES.workspaceRegion]: 'x' };
    const variables = { ...environment, [VARIABLES.collectorName]: 'c', SCRAPE_SECRET_1: 'hunter2', TOKEN: 't' };
    Object.assign(process.env, variables);
    try {
      const { pipeline, losses } = filledPipeline(DOCUMENTED, { scrapeJobs }, {});
      expect(losses).toEqual([]);
      await program.validate(pipeline);
      const every = collectorPipeline({
        targetFiles: placeholder('target_files'),
        region: placeholder('region'),
        remoteWriteEndpoint: placeholder('remote_write_endpoint'),
        collectorName: placeholder('collector_name'),
      })
        .replaceAll('$$', '$')
        .replace('"15s"', placeholder('scrape_interval'))
        .replace('13133', placeholder('health_check_port'))
        .replaceAll('8888', placeholder('self_metrics_port'))
        .replace('job_name: "collector"', 'job_name: "target-sync"')
        .replace('service: aps', `service: aps # ${placeholder('target_sync_port')} ${placeholder('scrape_configs')}`);
      for (const name of PLACEHOLDER_NAMES) expect(every).toContain(placeholder(name));
      await program.validate(filledPipeline(every, {}, {}).pipeline);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });
});

describe('a pipeline of the user', () => {
  const check = (text: string, secrets = {}) => filledPipeline(text, { scrapeJobs }, secrets);
  const altered = (from: string | RegExp, to: string) => {
    const text = DOCUMENTED.replace(from, () => to);
    expect(text).not.toBe(DOCUMENTED);
    return text;
  };

  it.each<[string, string, RegExp]>([
    [
      'a placeholder that is none',
      altered('discovery:region', 'discovery:regoin'),
      /^regoin is not a placeholder; there are target_files, /,
    ],
    [
      'no targets',
      altered(placeholder('scrape_configs'), '[]'),
      /^scrapes nothing that was discovered: write \$\{discovery:scrape_configs\}/,
    ],
    ['what is not YAML', altered('batch:', 'batch: ['), /^is not YAML: /],
    [
      'no health check',
      altered('extensions: [health_check, sigv4auth]', 'extensions: [sigv4auth]'),
      /^has no health_check extension/,
    ],
    ['a health check elsewhere', altered(placeholder('health_check_port'), '9000'), /^has no health_check extension/],
    [
      'a component that is not there',
      altered('processors: [memory_limiter, batch]', 'processors: [batch, filter]'),
      /^uses filter in service.pipelines.metrics, which is not in its processors/,
    ],
    [
      'an extension that is not there',
      altered('[health_check, sigv4auth]', '[health_check, zpages]'),
      /^uses zpages in service.extensions/,
    ],
    [
      'no pipeline',
      altered(
        '    metrics:\n      receivers: [prometheus]',
        '    {}\n  x:\n    metrics:\n      receivers: [prometheus]',
      ),
      /^has no service.pipelines/,
    ],
    [
      'a pipeline without exporter',
      altered('exporters: [prometheus_remote_write]', 'exporters: []'),
      /^has no exporters in service.pipelines.metrics/,
    ],
    [
      'a variable that is not there',
      altered('team: shop', `team: $${'{env:TEAM}'}`),
      /^takes TEAM from the environment, where it is not/,
    ],
    ['an empty file', '', /^scrapes nothing/],
  ])('is refused in a sentence: %s', (_, text, problem) => {
    expect(check(text).problems).toContainEqual(expect.stringMatching(problem));
  });

  it.each<[string, string, Record<string, { secret: string }>]>([
    ['a secret', `team: $${'{env:TEAM}'}`, { TEAM: { secret: secretOf('team') } }],
    ['a default', `team: $${'{env:TEAM:-shop}'}`, {}],
    ['a dollar that means itself', `team: $$${'{env:TEAM}'}`, {}],
    ['a variable of ECS', `team: $${'{AWS_REGION}'}`, {}],
  ])('may have %s', (_, team, secrets) => {
    expect(check(altered('team: shop', team), secrets).problems).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    [
      'another receiver of metrics',
      altered(placeholder('remote_write_endpoint'), 'https://example.com/write'),
      /nothing is sent to the workspace/,
    ],
    [
      'jobs of its own',
      altered(
        placeholder('scrape_configs'),
        `[{job_name: mine, file_sd_configs: [{files: ["${placeholder('target_files')}"]}]}]`,
      ),
      /without a job collector.*/,
    ],
    [
      'no memory limiter',
      altered('memory_limiter:\n    check_interval', 'other:\n    check_interval').replace(
        '[memory_limiter, batch]',
        '[batch]',
      ),
      /without memory_limiter/,
    ],
    [
      'other names of metrics',
      altered('    translation_strategy: UnderscoreEscapingWithoutSuffixes\n', ''),
      /without translation_strategy/,
    ],
  ])('says what does not work with %s', (_, text, loss) => {
    const { problems, losses } = check(text);
    expect(problems).toEqual([]);
    expect(losses).toContainEqual(expect.stringMatching(loss));
  });
});
