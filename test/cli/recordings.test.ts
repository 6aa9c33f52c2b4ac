/** Every situation of others, through `why --from`. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainError } from '../../infra/cli/account/explain-error.ts';
import { explainRecording } from '../../infra/cli/recording/explain-recording.ts';
import { parseRecording } from '../../infra/cli/recording/recording.ts';
import type { ExplainedTask } from '../../infra/cli/why/explained-task.ts';
import { whyText } from '../../infra/cli/why/why-text.ts';
import { eventBody, taskDetail } from '../factories/tasks.ts';
import fc from '../fast-check.ts';
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

/** @param dockerLabels of the container of a task that runs */
const withLabels = (dockerLabels: object): object => ({
  aws: {
    DescribeTasks: { tasks: [taskDetail()] },
    DescribeTaskDefinition: { taskDefinition: { containerDefinitions: [{ name: 'web', dockerLabels }] } },
  },
});

/** Where there is something in a value, and how to get there. */
function placesIn(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...at, key], ...placesIn(item, [...at, key])]);
}

/** The same with something else in a place; nothing there: undefined. */
function replaced(value: unknown, [first, ...rest]: readonly string[], by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === first ? replaced(item, rest, by) : item));
  return { ...(value as object), [first]: replaced((value as Record<string, unknown>)[first], rest, by) };
}

it('whatever stands in a place of a recording: it is decided, or refused in words', async () => {
  const recordings = Object.keys(CASES).map((name): unknown => {
    const { settings = {}, aws = {}, events = [] } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
    return { settings, aws, events };
  });
  const junk = fc.oneof(
    fc.constantFrom(undefined, null, 0, -1, 1.5, 1e20, '', 'x', true, '__proto__', 'arn:aws:ecs:x'),
    fc.constantFrom<unknown>([], {}, [null], [''], [[]], { a: 1 }),
  );
  const place = fc
    .constantFrom(...recordings)
    .chain((recording) =>
      fc.record({ recording: fc.constant(recording), at: fc.constantFrom(...placesIn(recording)) }),
    );
  await fc.assert(
    fc.asyncProperty(place, junk, async ({ recording, at }, by) => {
      const text = JSON.stringify(replaced(recording, at, by)) ?? '';
      const said = await Promise.resolve()
        .then(() => explainRecording(parseRecording(text, 'file')))
        .then((explained) => explained.flatMap((one) => whyText(one, 80)))
        .catch((error: unknown) => [explainError(error).message]);
      expect(said.join('\n')).not.toMatch(/\w+Error:|is not a function|not iterable|Cannot read|undefined|\[object/);
    }),
    { numRuns: 300 },
  );
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
    expect(text).toContain('✗  ECS            the recording has no answer of DescribeTasks');
    expect(text).toContain('- Record the task again, or write that answer into the file.');
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
    [{ settings: { here: 'mars' } }, 'wrong here'],
    [
      withLabels({ ECS_PROMETHEUS_EXPORTER_PORT: 9102 }),
      'containerDefinitions.0.dockerLabels.ECS_PROMETHEUS_EXPORTER_PORT',
    ],
    [{ aws: { DescribeTasks: { tasks: [{ lastStatus: 'RUNNING' }] } } }, 'wrong aws.DescribeTasks.tasks.0.taskArn'],
    [{ aws: { DescribeTasks: [{ answer: { failures: 'none' } }] } }, 'wrong aws.DescribeTasks.0.answer.failures'],
    ['\0{', 'is no text in UTF-8'],
  ])('is refused in words, and with what to do: %j', async (content, problem) => {
    const [first, ...advice] = (await failureOf(content)).split('\n');
    expect(first).toContain(problem);
    expect(advice.join()).toMatch(/\.$|FILE$/);
  });

  it('may begin with the mark of its encoding, and what is null in it is not there', async () => {
    const fixture = readFileSync(join(FOLDER, 'china.json'), 'utf8').replace(
      '"healthStatus": "UNKNOWN"',
      '"healthStatus": null',
    );
    expect((await explain(await write(`\uFEFF${fixture}`))).map(inShort)).toEqual(CASES['china']);
  });

  it('has no task: then it is said where tasks are looked for', async () => {
    const { text } = await fakeDeployment().run('why', '--from', await write({}));
    expect(text).toContain('Tasks are those of "events", and of the answers of DescribeTasks in "aws".');
  });

  it('is not there', async () => {
    const { error } = await fakeDeployment().run('why', '--from', join(folder, 'none.json'));
    expect(error).toContain('none.json cannot be read');
    expect(error).not.toContain('    at ');
  });
});
