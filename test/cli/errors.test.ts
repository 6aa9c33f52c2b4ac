/** Each error says what happened, to what, and what to do; none shows a stack trace. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { awsError } from '../factories/senders.ts';
import { targets } from '../factories/shards.ts';
import { idOf } from '../factories/tasks.ts';
import { fakeDeployment } from './fake-deployment.ts';

const failing = async (error: Error): Promise<string> => {
  const fake = fakeDeployment();
  fake.answers['DescribeStacks'] = () => {
    throw error;
  };
  return (await fake.run('status')).error;
};

const withCode = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

describe('an error of AWS', () => {
  it.each([
    [
      awsError('CredentialsProviderError', 'Could not load'),
      'There are no AWS credentials: Could not load\nName a profile',
    ],
    [new Error('Region is missing'), 'No Region is set.\nName that of the deployment with --region'],
    [awsError('ExpiredTokenException', 'old'), 'The AWS credentials have expired: old\nSign in again'],
    [awsError('InvalidClientTokenId', 'bad'), 'AWS does not accept the credentials: bad\nCheck the profile'],
    [
      awsError('AccessDenied', 'no'),
      'You are not allowed to use cloudformation:DescribeStacks: no\nAsk for the permission cloudformation:DescribeStacks.',
    ],
    [awsError('ThrottlingException', 'slow'), 'AWS throttles cloudformation:DescribeStacks: slow\nWait a moment'],
    [withCode('ECONNREFUSED'), 'cloudformation:DescribeStacks got no answer: connect ECONNREFUSED\nCheck the network'],
    [
      Object.assign(new AggregateError([withCode('ENOTFOUND')], '')),
      'cloudformation:DescribeStacks got no answer: ENOTFOUND',
    ],
    [awsError('InternalFailure', 'oops'), 'cloudformation:DescribeStacks failed: InternalFailure: oops'],
  ])('is explained: %s', async (error, expected) => {
    const text = await failing(error);
    expect(text).toContain(expected);
    expect(text).not.toMatch(/^\s+at /m);
  });
});

describe('a permission that this person lacks', () => {
  it.each(['why 0000', 'tasks', 'targets'])('says nothing about a task: %s', async (line) => {
    const fake = fakeDeployment();
    fake.tasks.set(idOf(1), { number: 1 });
    fake.publish(targets(1));
    fake.answers['DescribeTasks'] = () => {
      throw awsError('AccessDeniedException', 'no');
    };
    const { text, error } = await fake.run(...line.split(' '));
    expect(text).toBe('');
    expect(error).toContain(
      'You are not allowed to use ecs:DescribeTasks: no\nAsk for the permission ecs:DescribeTasks.',
    );
  });
});

describe('a deployment', () => {
  it('that is not there: those that are, are named', async () => {
    const { error } = await fakeDeployment().run('status', '--deployment', 'ecs-prometheus-discover');
    expect(error).toContain('There is no deployment ecs-prometheus-discover in this account and Region');
    expect(error).toContain('Did you mean --deployment ecs-prometheus-discovery?');
    expect(error).not.toContain('billing');
  });

  it('that is not there, in a Region without any', async () => {
    const fake = fakeDeployment();
    fake.answers['ListStacks'] = () => ({ StackSummaries: [] });
    const { error } = await fake.run('status', '--deployment', 'x');
    expect(error).toContain('Name the Region with --region');
  });

  it('of another version', async () => {
    const fake = fakeDeployment();
    fake.answers['DescribeStacks'] = () => ({ Stacks: [{ Outputs: [] }] });
    expect((await fake.run('status')).error).toContain('has no output ObserveFunction');
  });

  it('whose settings somebody changed', async () => {
    const fake = fakeDeployment();
    fake.environment['DISCOVERY_SHARDS'] = 'four';
    expect((await fake.run('status')).error).toContain('environment variable DISCOVERY_SHARDS must be a whole number');
  });
});

describe('the program', () => {
  const run = (...args: readonly string[]) =>
    spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../../infra/cli/ecs-prometheus-discovery.js', import.meta.url)), ...args],
      {
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
          AWS_CONFIG_FILE: '/dev/null',
        },
      },
    );

  it('decides from a file, and ends well', () => {
    const file = fileURLToPath(new URL('../fixtures/cases/china.json', import.meta.url));
    const { status, stdout, stderr } = run('why', '--from', file, '--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ decision: 'scraped' })]);
  });

  it('says what was typed wrong', () => {
    const { status, stderr } = run('wy');
    expect([status, stderr]).toEqual([2, expect.stringContaining('Did you mean why?')]);
  });

  it('needs a Region, as the AWS CLI does', () => {
    const { status, stdout, stderr } = run('status');
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('No Region is set.')]);
  });

  it('asks the endpoint that it is given', () => {
    const { status, stderr } = run('status', '--region', 'eu-west-1', '--endpoint-url', 'http://127.0.0.1:9');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^cloudformation:DescribeStacks got no answer: .*127\.0\.0\.1:9/),
    ]);
  });
});
