/** Every situation of others, through `why --from`. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExplainedTask } from '../../infra/cli/why/explained-task.ts';
import { eventBody, taskDetail } from '../factories/tasks.ts';
import { fakeDeployment } from './fake-deployment.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/cases', import.meta.url));
const FARGATE = '10.42.7.11';
const HOST = '10.42.0.5';

/** Of each task its decision, its addresses, and the reasons of its rejections. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  'annotation-with-the-port-of-the-host': [`scraped ${HOST}:8090 ${HOST}:32801`],
  'appmesh-envoy': [`scraped ${FARGATE}:9901`],
  'awsvpc-dual-stack': [`scraped ${FARGATE}:9102`],
  'bootstrap-qualifier-and-boundary': [],
  'both-families-one-port': [`scraped ${FARGATE}:9102`],
  'bridge-tcp-and-udp-same-port': [`scraped ${HOST}:32801`],
  'bridge-two-ports': [`scraped ${HOST}:32135`],
  'bridge-with-ebs-attachment': [`scraped ${HOST}:32901`],
  china: [`scraped ${FARGATE}:9102`],
  'cluster-name-241-to-255': [],
  'clusters-by-arn-or-other-account': [],
  'custom-group': [`scraped ${FARGATE}:9102`],
  'describe-tasks-partial-failure': ['held', 'scraped 10.42.7.22:9102'],
  'docker-labels-as-labels': [`scraped ${FARGATE}:1884`],
  'dynamic-export-tcp-and-udp': [`scraped ${HOST}:32801`],
  'ec2-no-dns-hostnames': [`scraped ${HOST}:32901`],
  'functions-in-a-vpc': [],
  'gov-cloud': [`scraped ${FARGATE}:9102`],
  'host-mode-ipv6-only-instance': ['scraped [2001:db8:7::1f]:9100'],
  'host-two-enis': ['scraped 10.42.0.10:9100'],
  'label-and-rule-in-one-task': [`scraped ${FARGATE}:8080 ${FARGATE}:9113`],
  'long-names': [`scraped ${FARGATE}:9102`],
  'lower-case-and-dots': [`scraped ${FARGATE}:9105`],
  'managed-instance-host-mode': [`scraped ${HOST}:9100`],
  'managed-instance-host-mode-hidden': ['held'],
  'metrics-path-empty': [`scraped ${FARGATE}:9102`],
  'metrics-path-no-slash': [`scraped ${FARGATE}:8081`],
  'old-arn-format': ['scraped 10.42.7.23:9102'],
  'other-conventions': ['ignored'],
  'port-0-compose': ['rejected no-host-port'],
  'port-whitespace-and-list': [`scraped ${FARGATE}:9102 ${FARGATE}:9104 invalid-port invalid-port`],
  'rule-ports-of-several-services': [`scraped ${FARGATE}:9404 ${FARGATE}:9901`],
  'rule-two-containers-bridge': [`scraped ${HOST}:32811 ${HOST}:32812`],
  'rules-of-the-observer': [],
  'run-of-deleted-definition': ['held'],
  'same-port-label-on-two-containers': [`scraped ${FARGATE}:9545`],
  'scheme-upper-case': [`scraped ${FARGATE}:8443`],
  'service-connect-and-guardduty': [`scraped ${FARGATE}:9102`],
  'spot-interruption': ['stopped'],
  'spring-two-exporters': [`scraped ${FARGATE}:8080 ${FARGATE}:9545`],
  'stop-of-deleted-definition': ['stopped'],
  'stopped-before-start': ['stopped'],
  'target-sync-dual-stack-and-fips': [],
  'task-set-registries': [`scraped ${FARGATE}:3000`],
  'windows-default-network-mode': [`scraped ${HOST}:49170`],
  'windows-no-network-mode': [`scraped ${HOST}:49170`],
};

const explain = (file: string): Promise<ExplainedTask[]> => fakeDeployment().runJson('why', '--from', file);

const inShort = ({ decision, targets, rejections }: ExplainedTask): string =>
  [decision, ...targets.map(({ address }) => address), ...rejections.map(({ reason }) => reason)].join(' ');

describe('why --from, of the situations of others', () => {
  it.each(Object.entries(CASES))('%s', async (name, expected) => {
    const explained = await explain(join(FOLDER, `${name}.json`));
    expect(explained.map(inShort)).toEqual(expected);
    for (const { task, steps } of explained) {
      expect(task).toMatch(/^[0-9a-f]+$/);
      expect(steps.length).toBeGreaterThan(0);
    }
  });

  it('has them all', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
    expect(Object.keys(CASES).sort()).toEqual(files.map((file) => file.replace(/\.json$/, '')).sort());
  });

  it('asks AWS for nothing', async () => {
    const fake = fakeDeployment();
    await fake.run('why', '--from', join(FOLDER, 'spring-two-exporters.json'));
    expect(fake.client.sent).toEqual([]);
  });

  it.each([
    ['label-and-rule-in-one-task', 'passed', '← adds to the docker labels'],
    ['rule-ports-of-several-services', 'skipped', 'leaves 9406 out: of several ports it means those in port mappings'],
  ])('says what becomes of a rule: %s', async (name, result, says) => {
    const [task] = await explain(join(FOLDER, `${name}.json`));
    expect(task?.steps).toContainEqual({ step: 'rules', result, says: expect.stringContaining(says) });
  });

  it('says that a rule adds nothing, and why', async () => {
    const fixture = JSON.parse(readFileSync(join(FOLDER, 'label-and-rule-in-one-task.json'), 'utf8'));
    const folder = await mkdtemp(join(tmpdir(), 'recordings-'));
    const file = join(folder, 'file.json');
    const scrapeRules = [{ service: '*', port: 7000 }];
    await writeFile(file, JSON.stringify({ ...fixture, settings: { ...fixture.settings, scrapeRules } }));
    const [task] = await explain(file);
    await rm(folder, { recursive: true });
    const says = expect.stringContaining('(docker labels come first, and no container maps another port of the rule)');
    expect(task?.steps).toContainEqual({ step: 'rules', result: 'skipped', says });
  });

  it('gives targets the labels that they have in the files', async () => {
    const [task] = await explain(join(FOLDER, 'spring-two-exporters.json'));
    expect(task?.targets[0]).toEqual({
      address: `${FARGATE}:8080`,
      labels: expect.objectContaining({
        cluster: 'orchard',
        service: 'pear',
        instance: FARGATE,
        __metrics_path__: '/actuator/prometheus',
        container: 'sample',
      }),
    });
  });
});

describe('a file that a person wrote', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const write = async (content: unknown): Promise<string> => {
    const file = join(folder, 'file.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const failureOf = async (content: unknown): Promise<string> =>
    (await fakeDeployment().run('why', '--from', await write(content))).error;
  const event = JSON.parse(eventBody(taskDetail())) as object;

  it('is decided for each task that it names, by what is there', async () => {
    const file = await write({ events: [event], aws: { DescribeTasks: { tasks: [], failures: [] } }, note: 'mine' });
    const [task] = await explain(file);
    expect(task).toMatchObject({ decision: 'held', cluster: 'prod', service: 'shop' });
  });

  it('says that an event names a task that ECS does not know yet, and a recording without event that it is over', async () => {
    const failures = [
      { arn: 'arn:aws:ecs:eu-west-1:111122223333:task/prod/00000000000000000000000000000001', reason: 'MISSING' },
    ];
    const aws = { DescribeTasks: { tasks: [], failures } };
    expect((await explain(await write({ events: [event], aws }))).map(inShort)).toEqual(['held']);
    expect((await explain(await write({ aws }))).map(inShort)).toEqual(['stopped']);
  });

  it('names an answer that is not in it', async () => {
    const text = (await fakeDeployment().run('why', '--from', await write({ events: [event] }))).text;
    expect(text).toContain('the recording has no answer of DescribeTasks');
  });

  it.each([{ Services: [], NextToken: 'more' }, [{ answer: { Services: [], NextToken: 'more' } }]])(
    'does not turn pages for ever: %j',
    async (ListServices) => {
      const fixture = JSON.parse(readFileSync(join(FOLDER, 'task-set-registries.json'), 'utf8'));
      const file = await write({ ...fixture, aws: { ...fixture.aws, ListServices } });
      expect((await explain(file)).map(inShort)).toEqual(['ignored']);
    },
  );

  it('passes over an event that the functions put aside', async () => {
    const { text } = await fakeDeployment().run('why', '--from', await write({ events: [{ source: 'elsewhere' }] }));
    expect(text).toContain('An event is passed over: not an "ECS Task State Change" event: missing or wrong source');
  });

  it('says that a cluster is not watched', async () => {
    const file = await write({ settings: { clusters: ['staging'] }, events: [event] });
    const [task] = await explain(file);
    expect(task).toMatchObject({
      decision: 'ignored',
      steps: [{ says: expect.stringContaining('cluster prod is not watched') }],
    });
  });

  it.each([
    ['{', 'is not JSON'],
    [[], 'is not a recording: wrong the whole file'],
    [{ aws: [] }, 'is not a recording: wrong aws'],
    [
      { settings: { scrapeRules: [{ service: 'a', prot: 1, port: 2 }] } },
      'rule 1: prot is not a key of a rule; did you mean port?',
    ],
    [{ settings: { shards: 'many' } }, 'wrong shards'],
  ])('is refused in words: %j', async (content, problem) => {
    expect(await failureOf(content)).toContain(problem);
  });

  it('is not there', async () => {
    const { error } = await fakeDeployment().run('why', '--from', join(folder, 'none.json'));
    expect(error).toContain('none.json cannot be read');
    expect(error).not.toContain('    at ');
  });
});
