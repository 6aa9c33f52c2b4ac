/** Which scrape job takes a task: in the pipeline that the collectors read, and in a recording. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExplainedTask } from '../../infra/cli/why/explained-task.ts';
import { deployedPipeline, filledPipeline } from '../../infra/constructs/collector/deployed-pipeline.ts';
import { idOf } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment } from './fake-deployment.ts';

const SCRAPING = {
  scrapeIntervalSeconds: 20,
  scrapeJob: 'ours',
  scrapeJobs: [
    { job_name: 'payments', scrape_interval: '30s', scheme: 'https' as const },
    { job_name: 'batch.x', basic_auth: { username: 'hunter2', password: { secret: 'arn:hunter2' } } },
  ],
};
const NAME = '/ecs-prometheus-discovery/collector-pipeline/0123';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobs-'));
  file = join(folder, 'recording.json');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @param job docker label of the container */
function labelled(job: string | undefined, pipeline = deployedPipeline(SCRAPING)): FakeDeployment {
  const fake = fakeDeployment();
  fake.tasks.set(idOf(1), { number: 1 });
  const jobLabel = job === undefined ? {} : { ECS_PROMETHEUS_JOB_NAME: job };
  fake.containers = [
    {
      name: 'web',
      dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000', ...jobLabel },
      portMappings: [{ containerPort: 3000 }],
    },
  ];
  fake.parameters.set(NAME, [pipeline]);
  const others = fake.answers['ListStackResources'];
  fake.answers['ListStackResources'] = (input: { StackName: string }, call) =>
    input.StackName === 'ecs-prometheus-discovery-metrics'
      ? { StackResourceSummaries: [{ PhysicalResourceId: 'role' }, { PhysicalResourceId: NAME }] }
      : others?.(input as never, call);
  const versions = fake.answers['GetParameter'];
  fake.answers['GetParameter'] = (input: { Name: string }, call) =>
    input.Name === NAME ? { Parameter: { Name: NAME, Value: pipeline } } : versions?.(input as never, call);
  return fake;
}

const stepsOf = ([task]: readonly ExplainedTask[]): readonly object[] =>
  task?.steps.filter(({ step }) => step === 'scrape job').map(({ step, ...rest }) => rest) ?? [];

const CASES: readonly [string, string | undefined, object][] = [
  ['no job', undefined, { result: 'passed', says: 'ours takes it, every 20s, as all targets without another job' }],
  [
    'the default job',
    'ours',
    { result: 'passed', says: 'ours takes it, every 20s, as all targets without another job' },
  ],
  ['a job', 'payments', { result: 'passed', says: 'payments takes it, every 30s, which its label job names' }],
  [
    'a job without an interval',
    'batch.x',
    { result: 'passed', says: 'batch.x takes it, every 20s, which its label job names' },
  ],
  [
    'a name of its own',
    'team',
    { result: 'passed', says: 'ours takes it, every 20s; its label job says team, which is no scrape job' },
  ],
  [
    'a misspelt job',
    'paymnts',
    {
      result: 'warning',
      says: 'ours takes it, every 20s; its label job says paymnts, which is no scrape job; did you mean payments?',
      advice:
        'Correct the docker label or rule that gives the label job, or name a job paymnts in the setting scrapeJobs.',
    },
  ],
];

describe('why names the scrape job of a target that asks for', () => {
  it.each(CASES)('%s', async (_, job, step) => {
    expect(stepsOf(await labelled(job).runJson('why', idOf(1)))).toEqual([step]);
  });

  it.each(CASES)('%s, from a recording, in which no login is', async (_, job, step) => {
    await labelled(job).run('why', idOf(1), '--record', file);
    expect(await readFile(file, 'utf8')).not.toContain('hunter2');
    expect(stepsOf(await fakeDeployment().runJson('why', '--from', file))).toEqual([step]);
  });

  it.each(CASES)('%s, from a recording with the settings of the app', async (_, job, step) => {
    await labelled(job).run('why', idOf(1), '--record', file);
    const recording = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...recording, settings: { ...recording.settings, ...SCRAPING } }));
    expect(stepsOf(await fakeDeployment().runJson('why', '--from', file))).toEqual([step]);
  });
});

describe('why says nothing of scrape jobs', () => {
  it('where the collectors are of somebody else', async () => {
    const fake = labelled('payments');
    fake.answers['ListStackResources'] = () => {
      throw Object.assign(new Error('Stack does not exist'), { name: 'ValidationError' });
    };
    const { text, error } = await fake.run('why', idOf(1));
    expect(error).toBe('');
    expect(text).not.toContain('scrape job');
  });

  it('where their pipeline has other jobs than the settings', async () => {
    const own =
      'receivers:\n  otlp:\n  prometheus: {config: {scrape_configs: [{job_name: a, file_sd_configs: []}, {job_name: b, file_sd_configs: []}]}}';
    expect(stepsOf(await labelled('payments', own).runJson('why', idOf(1)))).toEqual([]);
    expect(stepsOf(await labelled('payments', 'no: pipeline').runJson('why', idOf(1)))).toEqual([]);
  });

  it('where a recording does not name them, or names a file with them', async () => {
    await labelled('payments').run('why', idOf(1), '--record', file);
    const { settings, ...recording } = JSON.parse(await readFile(file, 'utf8'));
    const { scrapeJob: _, scrapeJobs: __, ...others } = settings;
    for (const one of [others, { ...others, scrapeJobs: 'jobs.yml' }]) {
      await writeFile(file, JSON.stringify({ ...recording, settings: one }));
      expect(stepsOf(await fakeDeployment().runJson('why', '--from', file))).toEqual([]);
    }
  });
});

it('a pipeline of the user with the placeholder has the same jobs', async () => {
  const placeholder = (name: string): string => ['$', `{discovery:${name}}`].join('');
  const { pipeline } = filledPipeline(
    `receivers:
  otlp:
  prometheus:
    config:
      global: {scrape_interval: ${placeholder('scrape_interval')}}
      scrape_configs: ${placeholder('scrape_configs')}
`,
    SCRAPING,
    {},
  );
  expect(stepsOf(await labelled('payments', pipeline).runJson('why', idOf(1)))).toEqual([
    { result: 'passed', says: 'payments takes it, every 30s, which its label job names' },
  ]);
});

it('scrape jobs in a recording that are none are an error with their name', async () => {
  await writeFile(file, JSON.stringify({ settings: { scrapeJobs: [{ name: 'x' }] } }));
  const { error } = await fakeDeployment().run('why', '--from', file);
  expect(error).toContain('The settings of the recording cannot be read: wrong scrapeJobs');
});
