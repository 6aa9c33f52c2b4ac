/** Scrape jobs of a user on a real collector: who is scraped by which job, over TLS, with a login, and within limits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ScrapeJob } from '../../../infra/constructs/collector/scrape-jobs/scrape-job.ts';
import {
  type CollectorProgram,
  openTelemetryCollector,
  prometheusAgent,
} from '../../../infra/local/collector/program.ts';
import { prometheusProgram } from '../../../infra/local/prometheus/program.ts';
import { until } from '../until.ts';
import { type JobsRig, type PublishedTarget, secretOf, startJobsRig } from './jobs-rig.ts';
import { type MetricsTarget, startMetricsTarget, TLS_FOLDER } from './metrics-target.ts';

const BUILD_MILLISECONDS = 20 * 60_000;

const page = (samples: number): string =>
  Array.from(
    { length: samples },
    (_, index) => `shop_orders{number="${index}"} ${index}\nshop_debug{n="${index}"} 1\n`,
  ).join('');

const TLS = { ca_file: 'authority.pem', server_name: 'metrics.internal' };
const https = (job_name: string, tls_config: ScrapeJob['tls_config'], more: Partial<ScrapeJob> = {}): ScrapeJob => ({
  ...{ job_name, scheme: 'https', tls_config, scrape_timeout: '1s' },
  ...more,
});

const JOBS: readonly ScrapeJob[] = [
  https('tls', TLS),
  https('inline', { ca: readFileSync(join(TLS_FOLDER, 'authority.pem'), 'utf8'), server_name: 'metrics.internal' }),
  https('public', { server_name: 'metrics.internal' }),
  https('other-authority', { ...TLS, ca_file: 'other-authority.pem' }),
  https('no-name', { ca_file: 'authority.pem' }),
  https('unchecked', { insecure_skip_verify: true }),
  https('basic', TLS, {
    basic_auth: {
      username: { secret: secretOf('login'), field: 'user' },
      password: { secret: secretOf('login'), field: 'password' },
    },
  }),
  https('bearer', TLS, { authorization: { credentials: { secret: secretOf('token') } } }),
  { job_name: 'slow.v1', scrape_interval: '3s' },
  { job_name: 'small', sample_limit: 5, scrape_timeout: '1s' },
  {
    job_name: 'relabelled',
    relabel_configs: [
      { source_labels: ['team'], regex: '(.+)-team', target_label: 'owner', replacement: '$1 costs $$' },
      { action: 'labeldrop', regex: 'port' },
    ],
    metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'shop_debug', action: 'drop' }],
  },
  { job_name: 'ecs', metric_relabel_configs: [{ target_label: 'by', replacement: 'default' }] },
];

const VALUES = {
  [`${secretOf('login')}:user`]: 'prometheus',
  [`${secretOf('login')}:password`]: 'correct horse: "battery" # staple',
  [secretOf('token')]: '0123',
};

describe('scrape jobs on the OpenTelemetry Collector', () => {
  let rig: JobsRig;
  const started: MetricsTarget[] = [];

  const start = async (options: Parameters<typeof startMetricsTarget>[0]): Promise<MetricsTarget> => {
    const target = await startMetricsTarget(options);
    started.push(target);
    return target;
  };
  const lastErrorOf = async (job: string): Promise<string> =>
    (await until(`a scrape of ${job}`, () => rig.scraped(job))).lastError;

  beforeAll(async () => {
    const program = await openTelemetryCollector();
    const secure = await start({ tls: true, page: () => page(2) });
    const plain = await start({ tls: false, page: (path) => page(path === '/large' ? 10 : 2) });
    const of = (job: string | undefined, { address }: MetricsTarget, path = `/${job ?? 'none'}`): PublishedTarget => ({
      address,
      labels: {
        ...{ taskid: `task-${path}`, port: '3000', team: 'red-team', __metrics_path__: path },
        ...(job !== undefined && { job }),
      },
    });
    const secured = JOBS.filter(({ scheme }) => scheme === 'https').map(({ job_name }) => job_name);
    rig = await startJobsRig({
      name: 'scrape-jobs',
      program,
      jobs: JOBS,
      values: VALUES,
      targets: [
        ...secured.map((job) => of(job, secure)),
        of('slow.v1', plain),
        // The dot of a name is a dot.
        of('slowxv1', plain),
        of('small', plain),
        of('small', plain, '/large'),
        of('relabelled', plain),
        of(undefined, plain),
        of('ecs', plain),
        of('ecs/tls', plain, '/pool'),
        of('elsewhere', plain),
      ],
    });
  }, BUILD_MILLISECONDS);

  afterAll(async () => {
    await rig?.close();
    await Promise.all(started.map((target) => target.close()));
  });

  it('scrape each target once: by the job of its label, and by the default job if there is none', async () => {
    const targets = await until('all targets', async () => {
      const active = await rig.active();
      return active.length >= 17 && active;
    });
    const pools = targets.map(({ labels, scrapePool }) => [labels['taskid'], scrapePool, labels['job']]);
    const own = JOBS.map(({ job_name }) => job_name).filter((job) => !['ecs', 'small'].includes(job));
    expect(pools.sort()).toEqual(
      [
        ...own.map((job) => [`task-/${job}`, `ecs/${job}`, job]),
        ['task-/small', 'ecs/small', 'small'],
        ['task-/large', 'ecs/small', 'small'],
        ['task-/slowxv1', 'ecs', 'slowxv1'],
        ['task-/none', 'ecs', 'ecs'],
        ['task-/ecs', 'ecs', 'ecs'],
        ['task-/pool', 'ecs', 'ecs/tls'],
        ['task-/elsewhere', 'ecs', 'elsewhere'],
      ].sort(),
    );
  }, 40_000);

  it.each(['tls', 'inline', 'unchecked', 'basic', 'bearer'])(
    'scrape over TLS: %s',
    async (job) => {
      expect(await lastErrorOf(job)).toBe('');
      await until('up', async () => (await rig.prometheus.query(`up{job="${job}"} == 1`)).length === 1);
    },
    40_000,
  );

  it.each([
    ['public', 'certificate signed by unknown authority'],
    ['other-authority', 'certificate signed by unknown authority'],
    ['no-name', "doesn't contain any IP SANs"],
  ])(
    'do not scrape a target whose certificate is not right, and say why: %s',
    async (job, why) => {
      expect(await lastErrorOf(job)).toContain(why);
      await until('up', async () => (await rig.prometheus.query(`up{job="${job}"} == 0`)).length === 1);
    },
    40_000,
  );

  it('log in with the values of secrets, and nowhere else', async () => {
    await Promise.all(['basic', 'bearer', 'tls'].map(lastErrorOf));
    const seen = started[0]?.authorizations ?? new Map<string, string>();
    const login = Buffer.from('prometheus:correct horse: "battery" # staple').toString('base64');
    expect(seen.get('/basic')).toBe(`Basic ${login}`);
    expect(seen.get('/bearer')).toBe('Bearer 0123');
    expect([seen.has('/tls'), seen.get('/tls')]).toEqual([true, undefined]);
  }, 40_000);

  it('have intervals of their own', async () => {
    const interval = async (job: string) => (await until('a target', () => rig.scraped(job))).scrapeInterval;
    expect(await Promise.all(['slow.v1', 'slowxv1', 'tls'].map(interval))).toEqual(['3s', '1s', '1s']);
  }, 40_000);

  it('refuse a scrape above the limit, and take one below it', async () => {
    const ups = await until('both scrapes', async () => {
      const found = await rig.prometheus.query('up{job="small"}');
      return found.length === 2 && found;
    });
    expect(ups.map(({ labels, value }) => [labels['taskid'], value]).sort()).toEqual([
      ['task-/large', 0],
      ['task-/small', 1],
    ]);
    const large = (await rig.active()).find(({ labels }) => labels['taskid'] === 'task-/large');
    expect(large?.lastError).toContain('sample limit exceeded');
    expect(await rig.prometheus.query('shop_orders{taskid="task-/large"}')).toEqual([]);
  }, 40_000);

  it('relabel as Prometheus does, with one dollar for a group', async () => {
    const [order] = await until('a sample', async () => {
      const found = await rig.prometheus.query('shop_orders{job="relabelled",number="1"}');
      return found.length > 0 && found;
    });
    expect(order?.labels).toMatchObject({ owner: 'red costs $', taskid: 'task-/relabelled' });
    expect(order?.labels).not.toHaveProperty('port');
    expect(await rig.prometheus.query('shop_debug{job="relabelled"}')).toEqual([]);
    const others = await until('others', async () => {
      const found = await rig.prometheus.query('shop_debug{by="default"}');
      return found.length > 0 && found;
    });
    expect(new Set(others.map(({ labels }) => labels['job']))).toEqual(
      new Set(['ecs', 'slowxv1', 'ecs/tls', 'elsewhere']),
    );
  }, 40_000);
});

/** What YAML, and the collector's own expressions, could take for something else. */
const AWKWARD = [
  ...['0123', '1_000', '0x1F', '1e3', 'true', 'null', '~', 'yes', '2026-01-01', '.inf', '-', ''],
  ...['a # b', '# a', 'a: b', '{a: b}', '[a]', '"quoted"', "it's", '- a', '* a', '&a', '!a', '%a', '@a', '`a`', '| a'],
  ...['pa$word', '$1', 'a\\nb', 'ümläut', '${', '}', '>', '<<'],
];

const PROGRAMS: readonly (readonly [string, () => Promise<CollectorProgram>])[] = [
  ['the OpenTelemetry Collector', () => openTelemetryCollector()],
  ['Prometheus as an agent', async () => prometheusAgent(await prometheusProgram())],
];

describe.each(PROGRAMS)('secrets on %s', (name, chosen) => {
  let rig: JobsRig;
  let target: MetricsTarget;
  const arn = (index: number) => secretOf(`awkward-${index}`);

  beforeAll(async () => {
    const program = await chosen();
    target = await startMetricsTarget({ tls: false, page: () => 'a 1\n' });
    const { address } = target;
    rig = await startJobsRig({
      name: `scrape-secrets-${name.split(' ')[1]}`,
      program,
      jobs: AWKWARD.map((_, index) => ({
        job_name: `job-${index}`,
        basic_auth: { username: 'me', password: { secret: arn(index) } },
      })),
      values: Object.fromEntries(AWKWARD.map((value, index) => [arn(index), value])),
      targets: AWKWARD.map((_, index) => ({ address, labels: { job: `job-${index}`, __metrics_path__: `/${index}` } })),
    });
    await until('a scrape of each', async () => target.authorizations.size >= AWKWARD.length);
  }, BUILD_MILLISECONDS);

  afterAll(async () => {
    await rig?.close();
    await target?.close();
  });

  it.each(AWKWARD.map((value, index) => [value, index] as const))('arrive as they are: %j', (value, index) => {
    expect(target.authorizations.get(`/${index}`)).toBe(`Basic ${Buffer.from(`me:${value}`).toString('base64')}`);
  });
});

describe('what the documentation says of secrets on the OpenTelemetry Collector', () => {
  let target: MetricsTarget;

  const rigWith = async (value: string): Promise<JobsRig> =>
    startJobsRig({
      name: 'scrape-limits-of-secrets',
      program: await openTelemetryCollector(),
      jobs: [{ job_name: 'ecs', authorization: { credentials: { secret: secretOf('token') } } }],
      values: { [secretOf('token')]: value },
      targets: [{ address: target.address, labels: { __metrics_path__: '/' } }],
    });

  beforeEach(async () => {
    target = await startMetricsTarget({ tls: false, page: () => 'a 1\n' });
  });

  afterEach(() => target.close());

  it.each([
    ['pa$$word', 'pa$word'],
    ['a$'.concat('{NOTHING}b'), 'ab'],
  ])(
    '%j would arrive as %j',
    async (value, arrived) => {
      const rig = await rigWith(value);
      try {
        await until('a scrape', async () => target.authorizations.has('/'));
        expect(target.authorizations.get('/')).toBe(`Bearer ${arrived}`);
      } finally {
        await rig.close();
      }
    },
    60_000,
  );

  it.each([
    ['? a', 'failed to get config'],
    ['a\nb\n', 'failed to unmarshal yaml'],
  ])(
    '%j keeps it from starting',
    async (value, why) => {
      await expect(rigWith(value).then((rig) => rig.close())).rejects.toThrow(why);
    },
    60_000,
  );
});
