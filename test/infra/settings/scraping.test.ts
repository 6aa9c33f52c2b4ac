/** What the settings about scrape jobs and the pipeline take, and what they say of what they do not take. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scrapeJobsShape } from '../../../infra/constructs/collector/scrape-jobs/scrape-job.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { readSettings, SettingsError } from '../../../infra/settings/read-settings.ts';
import { blocksOf, pageOf, sectionOf } from '../../docs/pages.ts';

const TLS = join(PROJECT_ROOT, 'test/fixtures/tls');
const PIPELINE = join(PROJECT_ROOT, 'test/fixtures/pipelines/own.yml');
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:scraping/token-AbCdEf';

const problemsOf = (context: Readonly<Record<string, unknown>>): readonly string[] => {
  try {
    readSettings(context);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scraping-'));
  await cp(join(TLS, 'authority.pem'), join(folder, 'authority.pem'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('scrapeJobs', () => {
  const job = { job_name: 'payments', scrape_interval: '30s' };

  it('are read from a file in YAML or JSON, from text and from cdk.json alike', async () => {
    const ways = [
      await file('jobs.yml', '- job_name: payments\n  scrape_interval: 30s\n'),
      await file('jobs.json', JSON.stringify([job])),
      JSON.stringify([job]),
      [job],
    ];
    for (const scrapeJobs of ways) expect(readSettings({ scrapeJobs }).scrapeJobs).toEqual([job]);
  });

  it('take the example of the documentation, with the certificate beside its file', async () => {
    const [example = ''] = blocksOf(sectionOf(pageOf('docs/scraping.md'), 'Scrape jobs of your own'), 'yaml');
    const { scrapeJobs } = readSettings({ scrapeJobs: await file('documented.yml', example) });
    expect(scrapeJobs.map(({ job_name }) => job_name)).toEqual(['ecs', 'payments', 'batch']);
    expect(scrapeJobs[1]?.tls_config).toEqual({
      ca: await readFile(join(TLS, 'authority.pem'), 'utf8'),
      server_name: 'payments.internal',
    });
  });

  it('may be checked again after they were checked, and stay the same', () => {
    const once = scrapeJobsShape(TLS).parse([{ ...job, tls_config: { ca_file: 'authority.pem' } }]);
    expect(scrapeJobsShape('/').parse(once)).toEqual(once);
  });

  it('keep of a file of certificates these alone', async () => {
    const pem = await readFile(join(TLS, 'authority.pem'), 'utf8');
    const twoOfThem = `Certificate:\n  Data: …\n${pem}\r\n${await readFile(join(TLS, 'other-authority.pem'), 'utf8')}bye`;
    const [found] = scrapeJobsShape(folder).parse([
      { ...job, tls_config: { ca_file: await file('bundle.pem', twoOfThem) } },
    ]);
    expect(found?.tls_config?.ca).toBe(pem + (await readFile(join(TLS, 'other-authority.pem'), 'utf8')));
  });

  const refused: readonly (readonly [unknown, RegExp])[] = [
    ['missing.yml', /^scrapeJobs names the file \/.*\/missing\.yml, which is not there/],
    ['', /^scrapeJobs is empty/],
    ['[{', /^scrapeJobs must be YAML or JSON/],
    [{ job_name: 'a' }, /^scrapeJobs must be the path of a YAML or JSON file with a list of scrape jobs/],
    [[{}], /job 1, job_name: must be a name/],
    [[{ job_name: 'a b' }], /job 1, job_name: must be up to 100 letters/],
    [[{ job_name: 'collector' }], /job 1, job_name: must not be collector, the job of/],
    [[job, job], /job 2, job_name: payments is there twice/],
    [[{ ...job, scrape_intervall: '1s' }], /job 1: scrape_intervall is not known here; did you mean scrape_interval\?/],
    [[{ ...job, metrics_path: '/m' }], /job 1: metrics_path cannot be set: the path is that of the target/],
    [[{ ...job, static_configs: [] }], /static_configs cannot be set: targets come from the discovery/],
    [[{ ...job, bearer_token: 'x' }], /bearer_token cannot be set: write authorization with credentials/],
    [[{ ...job, scrape_interval: '30' }], /job 1, scrape_interval: must be a duration such as 30s/],
    [[{ ...job, scrape_interval: '0s' }], /job 1, scrape_interval: must be a duration/],
    [[{ ...job, scrape_timeout: '31s' }], /the scrape_timeout of job payments is 31s, longer than its interval of 30s/],
    [[{ job_name: 'a', scrape_timeout: '16s' }], /the scrape_timeout of job a is 16s, longer than its interval of 15s/],
    [[{ ...job, scheme: 'HTTPS' }], /scheme: must be http or https/],
    [[{ ...job, sample_limit: -1 }], /sample_limit: must be 0 \(no limit\) or more/],
    [[{ ...job, body_size_limit: '10 megabytes' }], /body_size_limit: must be a size such as 10MB/],
    [[{ ...job, basic_auth: { username: 'a', password: 'hunter2' } }], /basic_auth, password: must be \{"secret": /],
    [[{ ...job, basic_auth: { password: { secret: SECRET } } }], /basic_auth, username: must be text, or/],
    [[{ ...job, basic_auth: { username: 'a', password_file: '/x' } }], /password_file cannot be set: the container/],
    [[{ ...job, authorization: { credentials: { secret: 'token' } } }], /credentials, secret: must be the full ARN/],
    [
      [{ ...job, authorization: { credentials: { secret: `${SECRET}:field::` } } }],
      /secret: must be the full ARN.*a field of it goes into `field`/,
    ],
    [
      [{ ...job, authorization: { credentials: { secret: SECRET, field: 'a:b' } } }],
      /field: must be a key of the JSON/,
    ],
    [[{ ...job, authorization: { credentials: { secret: SECRET, key: 'alias/a' } } }], /key: must be the ARN of a KMS/],
    [[{ ...job, authorization: { type: 'Basic', credentials: { secret: SECRET } } }], /for Basic there is basic_auth/],
    [
      [
        {
          ...job,
          authorization: { credentials: { secret: SECRET } },
          basic_auth: { username: 'a', password: { secret: SECRET } },
        },
      ],
      /job 1: basic_auth and authorization exclude each other/,
    ],
    [
      [{ ...job, tls_config: { ca_file: 'no.pem' } }],
      /tls_config, ca_file: cannot be read: there is no file \/.*no\.pem/,
    ],
    [[{ ...job, tls_config: { ca: 'abc' } }], /tls_config, ca: must be certificates in PEM/],
    [[{ ...job, tls_config: { ca_file: join(TLS, 'server.key') } }], /ca_file: holds a private key/],
    [
      [{ ...job, tls_config: { ca: '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----' } }],
      /ca: holds a certificate that cannot be read/,
    ],
    [
      [{ ...job, tls_config: { ca: 'a', ca_file: 'b' } }],
      /tls_config, ca: must be certificates.*tls_config, ca_file: cannot be read/,
    ],
    [[{ ...job, tls_config: { key_file: 'a' } }], /key_file cannot be set: the receiver of the collector takes no key/],
    [[{ ...job, tls_config: { insecure_skip_verify: 'yes' } }], /insecure_skip_verify: must be true or false/],
    [
      [{ ...job, relabel_configs: [{ action: 'kepe', regex: 'a' }] }],
      /relabel_configs, 1, action: must be one of replace/,
    ],
    [[{ ...job, relabel_configs: [{ regex: '(', action: 'drop' }] }], /relabel_configs, 1, regex: must be a regular/],
    [[{ ...job, relabel_configs: [{ regex: 'a(?!b)', action: 'drop' }] }], /regex: must be .* no look-around/],
    [[{ ...job, relabel_configs: [{ regex: 'a' }] }], /relabel_configs, 1: action replace needs target_label/],
    [
      [{ ...job, relabel_configs: [{ action: 'hashmod', target_label: 'a' }] }],
      /relabel_configs, 1: action hashmod needs modulus/,
    ],
    [[{ ...job, metric_relabel_configs: [{ action: 'labeldrop' }] }], /1: action labeldrop needs regex/],
    [
      [{ ...job, relabel_configs: [{ action: 'labelkeep', regex: 'a', source_labels: ['b'] }] }],
      /1: action labelkeep takes regex alone/,
    ],
  ];

  it.each(refused)('are refused in a sentence: %j', (scrapeJobs, problem) => {
    expect(problemsOf({ scrapeJobs })).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    [{ regex: '(?i)prod|stag', source_labels: ['env'], action: 'keep' }],
    [{ regex: '(?P<name>.+)\\.internal', source_labels: ['host'], target_label: 'host', replacement: '$1' }],
    [{ regex: 9100, source_labels: ['port'], action: 'drop' }],
    [{ regex: '\\pL+[[:alpha:]]', source_labels: ['a'], action: 'keep' }],
  ])('take what RE2 takes: %j', (rule) => {
    expect(problemsOf({ scrapeJobs: [{ ...job, relabel_configs: [rule] }] })).toEqual([]);
  });

  it('are refused where SSM could not hold them, with the size and what to do', async () => {
    const pem = await readFile(join(TLS, 'authority.pem'), 'utf8');
    const scrapeJobs = [{ ...job, tls_config: { ca: pem.repeat(12) } }];
    expect(problemsOf({ scrapeJobs })).toEqual([
      expect.stringMatching(
        /^scrapeJobs: the pipeline of the collectors takes \d+ bytes, but SSM holds 8192 at most; cert/,
      ),
    ]);
  });

  it.each([
    [{ scrapeJobs: [job] }, 'scrapeJobs'],
    [
      { collectorPipeline: PIPELINE, collectorSecrets: { A: { secret: SECRET } } },
      'collectorPipeline, collectorSecrets',
    ],
  ])('are for collectors that this deployment runs: %j', (settings, names) => {
    expect(problemsOf({ ...settings, clusters: 'prod' })).toEqual([
      `${names}: this is for the collectors of this deployment, but collector is false`,
    ]);
  });
});

describe('collectorPipeline and collectorSecrets', () => {
  const PROXY_TOKEN = { secret: SECRET };

  it('are read from files', async () => {
    const collectorSecrets = await file('secrets.yml', `PROXY_TOKEN:\n  secret: ${SECRET}\n`);
    const settings = readSettings({ collectorPipeline: PIPELINE, collectorSecrets });
    expect(settings.collectorPipeline).toBe(await readFile(PIPELINE, 'utf8'));
    expect(settings.collectorSecrets).toEqual({ PROXY_TOKEN });
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ collectorPipeline: 'missing.yml' }, /^collectorPipeline names the file \/.*missing\.yml, which is not there/],
    [{ collectorPipeline: 5 }, /^collectorPipeline must be the path of a YAML file/],
    [{ collectorPipeline: PIPELINE }, /^collectorPipeline takes PROXY_TOKEN from the environment, where it is not/],
    [{ collectorSecrets: { A: { secret: SECRET } } }, /^collectorSecrets is for collectorPipeline, which is not set/],
    [{ collectorSecrets: { 'A-B': { secret: SECRET } } }, /^collectorSecrets must be .* A-B: must be a name of an env/],
    [{ collectorSecrets: { REMOTE_WRITE_URL: { secret: SECRET } } }, /is a variable that the collector has already/],
    [{ collectorSecrets: { A: 'hunter2' } }, /^collectorSecrets must be .* A: must be \{"secret"/],
    [{ collectorSecrets: 'missing.yml' }, /^collectorSecrets names the file/],
  ])('are refused in a sentence: %j', (settings, problem) => {
    expect(problemsOf(settings)).toEqual([expect.stringMatching(problem)]);
  });

  it('are refused where jobs would have no effect, or SSM could not hold the pipeline', async () => {
    const text = (await readFile(PIPELINE, 'utf8')).replace(
      /scrape_configs: .*/,
      () =>
        `scrape_configs: [{job_name: a, file_sd_configs: [{files: ["${['$', '{discovery:target_files}'].join('')}"]}]}]`,
    );
    const collectorSecrets = { PROXY_TOKEN };
    expect(
      problemsOf({
        collectorPipeline: await file('idle.yml', text),
        collectorSecrets,
        scrapeJobs: [{ job_name: 'a' }],
      }),
    ).toEqual(['scrapeJobs has no effect: collectorPipeline has no placeholder scrape_configs']);
    const large = await file('large.yml', `${text}${'# a comment\n'.repeat(700)}`);
    expect(problemsOf({ collectorPipeline: large, collectorSecrets })).toEqual([
      expect.stringMatching(/^collectorPipeline: the pipeline of the collectors takes \d+ bytes/),
    ]);
  });
});
