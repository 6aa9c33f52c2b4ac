/** Commands about a cluster of another account and Region, on an account in memory. */
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENT } from '../../functions/discovery/names.ts';
import { awsError } from '../factories/senders.ts';
import { clusterArn, idOf, taskArn } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment } from './fake-deployment.ts';

const NORTH = 'prod.eu-north-1.444455556666';

function deployment({ isOpen = true } = {}): FakeDeployment {
  const fake = fakeDeployment();
  fake.environment[ENVIRONMENT.clusters] = `prod,${NORTH}`;
  fake.environment[ENVIRONMENT.externalId] = 'x-1';
  fake.answers['AssumeRole'] = () => {
    if (!isOpen) throw awsError('AccessDenied', 'not authorized to perform: sts:AssumeRole');
    const Expiration = new Date(Date.now() + 3_600_000);
    return { Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration } };
  };
  fake.tasks.set(idOf(2), { number: 2, cluster: NORTH });
  return fake;
}

const clustersAsked = ({ client }: FakeDeployment, operation: string) =>
  client.sent.filter((it) => it.operation === operation).map(({ input }) => input['cluster']);

describe('a cluster elsewhere', () => {
  it.each([
    ['as the deployment calls it', NORTH],
    ['by its ARN', clusterArn(NORTH)],
  ])('is named %s, and looked at in its account', async (_, name) => {
    const fake = deployment();
    expect(await fake.runJson('tasks', '--cluster', name)).toEqual([
      expect.objectContaining({ task: idOf(2), cluster: NORTH, decision: 'scraped' }),
    ]);
    expect(clustersAsked(fake, 'ListTasks')).toEqual([clusterArn(NORTH)]);
    expect(clustersAsked(fake, 'DescribeTasks')).toEqual([clusterArn(NORTH)]);
  });

  it('is not what a name alone means: that is the one here', async () => {
    const fake = deployment();
    await fake.run('tasks', '--cluster', 'prod');
    expect(clustersAsked(fake, 'ListTasks')).toEqual(['prod']);
    const { error } = await fake.run('tasks', '--cluster', 'arn:aws:ecs:eu-west-1:444455556666:cluster/prod');
    expect(error).toContain(`is not watched by ecs-prometheus-discovery.\nIt watches prod, ${NORTH}.`);
  });

  it('is found by the ARN of a task, or by the beginning of its id', async () => {
    const fake = deployment();
    const [byArn] = (await fake.runJson('why', taskArn(idOf(2), NORTH))) as object[];
    expect(byArn).toMatchObject({ task: idOf(2), cluster: NORTH, decision: 'scraped' });
    fake.answers['ListTasks'] = ({ cluster }: { readonly cluster: string }) => ({
      taskArns: cluster === 'prod' ? [] : [taskArn('f'.repeat(32), NORTH)],
    });
    fake.tasks.set('f'.repeat(32), { number: 3, cluster: NORTH });
    const { error, text } = await fake.run('why', 'ffff');
    expect([error, text]).toEqual(['', expect.stringContaining(`cluster ${NORTH}`)]);
  });

  it('that does not let in who asks says what to deploy, and what a role needs', async () => {
    const { error } = await deployment({ isOpen: false }).run('tasks', '--cluster', NORTH);
    expect(error).toMatch(/role .*discovery-source-eu-north-1 cannot be assumed: deploy the stack of a source/);
    expect(error).toContain('only you do not: docs/operations.md says what your role needs');
  });

  it('that does not let in leaves the tasks of the other one to see', async () => {
    const fake = deployment({ isOpen: false });
    fake.tasks.set(idOf(1), { number: 1 });
    const { text, error } = await fake.run('why', idOf(1));
    expect([error, text]).toEqual(['', expect.stringContaining('cluster prod')]);
  });
});
