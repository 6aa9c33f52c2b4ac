/** That the check finds what AWS would refuse, and what AWS would never answer. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { awsError } from '../../factories/senders.ts';
import { type Exchange, problemsOf } from './check.ts';
import { loadServiceModels, type ServiceModels } from './service-models.ts';

let models: ServiceModels;

beforeAll(async () => {
  models = await loadServiceModels();
}, 300_000);

const register = (Attributes: unknown) =>
  ({
    service: 'servicediscovery',
    operation: 'RegisterInstance',
    input: { ServiceId: 'srv-1', InstanceId: 'task', Attributes },
  }) as const;
const names = (count: number) => ({ Names: Array.from({ length: count }, (_, index) => `/n/${index}`) });

describe('the check against service models', () => {
  it.each<[string, Exchange, string]>([
    ['an operation', { service: 'ecs', operation: 'DescribeTask', input: {} }, 'no such operation'],
    [
      'a member of a request',
      { service: 'ecs', operation: 'DescribeTasks', input: { tasks: [], cluster: 'prod', taskIds: [] } },
      'there is no taskIds',
    ],
    ['a required member', { service: 'ecs', operation: 'DescribeTasks', input: {} }, 'tasks is missing'],
    ['a type', { service: 'ecs', operation: 'DescribeTasks', input: { tasks: 'task' } }, 'is no list'],
    ['a list that is too long', { service: 'ssm', operation: 'GetParameters', input: names(11) }, '11 is not from 1'],
    ['a list that is empty', { service: 'ssm', operation: 'GetParameters', input: names(0) }, '0 is not from 1'],
    [
      'a word of an enumeration',
      { service: 'ssm', operation: 'PutParameter', input: { Name: '/n', Value: 'v', Tier: 'Huge' } },
      'is none of Standard, Advanced',
    ],
    ['a value of a map', register({ METRICS_PATH: '/métriques' }), 'does not match'],
    ['a key of a map', register({ 'two words': 'x' }), 'does not match'],
    ['a value that is too long', register({ METRICS_PATH: `/${'x'.repeat(1024)}` }), '1025 is not from 0 to 1024'],
    [
      'a member of an answer',
      { service: 'sns', operation: 'PublishBatch', input: publish(), answer: { Failures: [] } },
      'there is no Failures',
    ],
    [
      'an error',
      { service: 'ssm', operation: 'GetParameters', input: names(1), answer: awsError('NotThere') },
      'has no error NotThere',
    ],
  ])('finds %s that AWS does not know', (_, exchange, problem) => {
    expect(problemsOf(models, exchange)).toEqual([expect.stringContaining(problem)]);
  });

  it('finds nothing where all is well', () => {
    const answer = { Successful: [{ Id: '0', MessageId: 'm' }], Failed: [] };
    expect(problemsOf(models, { service: 'sns', operation: 'PublishBatch', input: publish(), answer })).toEqual([]);
    expect(problemsOf(models, register({ METRICS_PATH: '/metrics' }))).toEqual([]);
    const found = { Parameters: [], InvalidParameters: [] };
    expect(problemsOf(models, { service: 'ssm', operation: 'GetParameters', input: names(1), answer: found })).toEqual(
      [],
    );
  });
});

function publish() {
  return { TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', PublishBatchRequestEntries: [{ Id: '0', Message: 'm' }] };
}
