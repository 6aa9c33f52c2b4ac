/** `--record` writes what `--from` decides from, and nothing that has to stay secret. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENVIRONMENT } from '../../functions/discovery/names.ts';
import { KEPT_FIELDS } from '../../infra/cli/recording/kept-fields.ts';
import type { ExplainedTask } from '../../infra/cli/why/explained-task.ts';
import { awsError } from '../factories/senders.ts';
import { idOf } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment } from './fake-deployment.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'));
  file = join(folder, 'recording.json');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A container with everything that a definition may hold; the task of the factory has an override with a secret, too. */
const CONTAINER = {
  name: 'web',
  dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' },
  portMappings: [{ containerPort: 3000 }],
  environment: [{ name: 'PASSWORD', value: 'hunter2' }],
  secrets: [{ name: 'KEY', valueFrom: 'arn:aws:ssm:hunter2' }],
  command: ['--token=hunter2'],
  entryPoint: ['hunter2'],
  healthCheck: { command: ['curl', 'hunter2'] },
  logConfiguration: { options: { 'splunk-token': 'hunter2' } },
  repositoryCredentials: { credentialsParameter: 'hunter2' },
};

function running(): FakeDeployment {
  const fake = fakeDeployment();
  fake.tasks.set(idOf(1), { number: 1 });
  fake.containers = [CONTAINER];
  fake.environment['OTHER'] = 'hunter2';
  return fake;
}

const from = (): Promise<ExplainedTask[]> => fakeDeployment().runJson('why', '--from', file);

it('keeps something of every answer that the look-ups of the functions ask for', () => {
  const sources = ['ecs', 'ec2', 'parameters', 'cloud-map'].map((name) =>
    readFileSync(new URL(`../../functions/aws/${name}.ts`, import.meta.url), 'utf8'),
  );
  const asked = [...sources.join().matchAll(/new (\w+)Command\(/g)].map(([, operation = '']) => operation);
  const others = ['ListTasks', 'ListInstances', 'PutParameter', 'RegisterInstance', 'DeregisterInstance'];
  expect([...Object.keys(KEPT_FIELDS), ...others].sort()).toEqual([...new Set(asked)].sort());
});

describe('a recording', () => {
  it('decides as AWS does, step by step', async () => {
    const live = await running().runJson<ExplainedTask[]>('why', idOf(1), '--record', file);
    const recorded = await from();
    const withoutQueues = live.map((it) => ({ ...it, steps: it.steps.filter(({ step }) => step !== 'collector') }));
    expect(recorded).toEqual(withoutQueues);
    expect(recorded[0]?.steps.map(({ step }) => step)).toContain('configuration');
  });

  it('leaves out environment values, secrets, overrides, commands and log settings', async () => {
    const { text } = await running().run('why', idOf(1), '--record', file);
    const written = await readFile(file, 'utf8');
    expect(written).not.toContain('hunter2');
    expect(written).not.toContain('overrides');
    expect(text).toContain(`AWS's answers are in ${file}. Read it before you share it`);
  });

  it('holds the errors of AWS', async () => {
    const fake = running();
    fake.answers['DescribeTaskDefinition'] = () => {
      throw awsError('ClientException', 'Unable to describe task definition.');
    };
    await fake.run('why', idOf(1), '--record', file);
    expect((await from()).map(({ decision }) => decision)).toEqual(['held']);
  });

  it('holds all pages of Cloud Map', async () => {
    const fake = running();
    fake.environment[ENVIRONMENT.namespacesParameter] = 'namespaces';
    fake.parameters.set('namespaces', ['shop.local']);
    fake.containers = [{ name: 'web' }];
    fake.answers['ListNamespaces'] = () => ({ Namespaces: [{ Id: 'ns-1', Name: 'shop.local' }] });
    fake.answers['ListServices'] = (input: { NextToken?: string }) =>
      input.NextToken
        ? { Services: [{ Id: 'srv-2', Arn: 'arn:srv-2', Name: 'shop' }] }
        : { Services: [{ Id: 'srv-1', Arn: 'arn:srv-1', Name: 'cart' }], NextToken: 'more' };
    fake.answers['ListTagsForResource'] = () => ({
      Tags: [
        { Key: 'METRICS_PATH', Value: '/m' },
        { Key: 'METRICS_PORT', Value: '3000' },
      ],
    });
    const live = await fake.runJson<ExplainedTask[]>('why', idOf(1), '--record', file);
    expect(live[0]?.targets.map(({ address }) => address)).toEqual(['10.0.0.1:3000']);
    expect((await from())[0]?.targets).toEqual(live[0]?.targets);
  });

  it('tries a label before it is deployed', async () => {
    const fake = running();
    fake.containers = [{ name: 'web' }];
    await fake.run('why', idOf(1), '--record', file);
    expect((await from())[0]?.decision).toBe('ignored');
    const recording = JSON.parse(await readFile(file, 'utf8'));
    recording.aws.DescribeTaskDefinition.taskDefinition.containerDefinitions[0].dockerLabels = {
      PROMETHEUS_EXPORTER_PORT: '9000',
    };
    await writeFile(file, JSON.stringify(recording));
    expect((await from())[0]?.targets.map(({ address }) => address)).toEqual(['10.0.0.1:9000']);
  });

  it('cannot be written everywhere', async () => {
    const { error } = await running().run('why', idOf(1), '--record', join(folder, 'no', 'such', 'folder.json'));
    expect(error).toContain('The recording could not be written');
  });
});
