import { describe, expect, it } from '@jest/globals';
import type { CredentialProvider } from '../../../functions/aws/credentials.ts';
import { createClientsAt, createReach } from '../../../functions/aws/reach.ts';
import { virtualClock } from '../../factories/clock.ts';
import { awsError, fakeClient } from '../../factories/senders.ts';
import { clusterArn, definitionArn, HERE, hostArn, idOf } from '../../factories/tasks.ts';

const NORTH = 'prod.eu-north-1.444455556666';
const NORTH_TOO = 'batch.eu-north-1.444455556666';
const OTHER = 'prod.eu-west-1.777788889999';

/** An AWS of three accounts and Regions that says which client was asked, with which credentials. */
function aws({ isOpen = true, here = HERE } = {}) {
  const clock = virtualClock();
  const asked: string[] = [];
  const made: string[] = [];
  const sts = fakeClient({
    AssumeRole({ RoleArn, ExternalId }: { readonly RoleArn: string; readonly ExternalId: string }) {
      if (!isOpen) throw awsError('AccessDenied', 'no');
      asked.push(`sts ${RoleArn} ${ExternalId}`);
      return {
        Credentials: {
          ...{ AccessKeyId: RoleArn, SecretAccessKey: 's', SessionToken: 't' },
          Expiration: new Date(clock.now() + 3_600_000),
        },
      };
    },
  });
  const clientIn = (place: string, credentials?: CredentialProvider) => {
    const answers = fakeClient({
      DescribeTasks: () => ({ tasks: [] }),
      ListTasks: () => ({ taskArns: [] }),
      DescribeTaskDefinition: () => ({ taskDefinition: {} }),
      DescribeServices: () => ({}),
      DescribeClusters: () => ({ clusters: [{}] }),
      DescribeContainerInstances: () => ({}),
      DescribeInstances: () => ({}),
    });
    const client: Pick<typeof answers, 'send'> = {
      async send(command) {
        const { accessKeyId } = (await credentials?.()) ?? { accessKeyId: 'own' };
        const { cluster, clusters, taskDefinition } = command.input as Readonly<Record<string, unknown>>;
        const about = cluster ?? clusters ?? taskDefinition ?? '';
        asked.push(`${place} ${command.constructor.name.replace('Command', '')} ${about} as ${accessKeyId}`);
        return answers.send(command);
      },
    };
    return { ecs: client, ec2: async () => client };
  };
  const clients = {
    ...clientIn('here'),
    sts: async () => sts,
    inRegion(region: string, credentials: CredentialProvider) {
      made.push(region);
      return clientIn(region, credentials);
    },
  };
  const settings = {
    deployment: 'discovery',
    clusters: ['prod', NORTH, NORTH_TOO, OTHER],
    here,
    externalId: 'x-1',
  };
  return { ...createReach(createClientsAt(clients, settings, clock), here), asked, made };
}

const NORTH_ROLE = 'arn:aws:iam::444455556666:role/discovery-source-eu-north-1';

describe('clusters wherever they are', () => {
  it('are looked at by the own clients and by name where they are here', async () => {
    const { ecs, ec2Of, asked, made } = aws();
    await ecs.describeTasks('prod', [idOf(1)]);
    await ecs.describeTaskDefinition(definitionArn('shop'));
    await ec2Of('prod').privateAddresses(['i-1']);
    expect(asked).toEqual([
      'here DescribeTasks prod as own',
      `here DescribeTaskDefinition ${definitionArn('shop')} as own`,
      'here DescribeInstances  as own',
    ]);
    expect(made).toEqual([]);
  });

  it('are looked at under the role of their source, in their Region, by their ARN, where they are elsewhere', async () => {
    const { ecs, ec2Of, asked } = aws();
    const [arn, definition] = [clusterArn(NORTH), definitionArn('shop', NORTH)];
    await ecs.describeTasks(NORTH, [idOf(1)]);
    await ecs.listTasks(NORTH);
    await ecs.describeTaskDefinition(definition);
    await ecs.describeServiceRegistries(NORTH, ['shop']);
    await ecs.describeServiceTags(NORTH, ['shop']);
    await ecs.describeClusterTags(NORTH);
    await ecs.describeContainerInstances(NORTH, [hostArn('h1', NORTH)]);
    await ec2Of(NORTH).privateAddresses(['i-1']);
    expect(asked).toEqual([
      `sts ${NORTH_ROLE} x-1`,
      ...[
        `DescribeTasks ${arn}`,
        `ListTasks ${arn}`,
        `DescribeTaskDefinition ${definition}`,
        `DescribeServices ${arn}`,
        `DescribeServices ${arn}`,
        `DescribeClusters ${arn}`,
        `DescribeContainerInstances ${arn}`,
        'DescribeInstances ',
      ].map((what) => `eu-north-1 ${what} as ${NORTH_ROLE}`),
    ]);
  });

  it('are in the partition of the deployment', async () => {
    const { ecs, asked } = aws({ here: 'arn:aws-us-gov:ecs:us-gov-west-1:111122223333' });
    await ecs.describeTasks(NORTH, [idOf(1)]);
    expect(asked[0]).toBe(`sts ${NORTH_ROLE.replace('arn:aws:', 'arn:aws-us-gov:')} x-1`);
  });

  it('of one account and Region share clients and credentials, and no others do', async () => {
    const { ecs, asked, made } = aws();
    for (const cluster of [NORTH, NORTH_TOO, OTHER]) await ecs.describeTasks(cluster, [idOf(1)]);
    expect(made).toEqual(['eu-north-1', 'eu-west-1']);
    expect(asked.filter((it) => it.startsWith('sts'))).toEqual([
      `sts ${NORTH_ROLE} x-1`,
      'sts arn:aws:iam::777788889999:role/discovery-source-eu-west-1 x-1',
    ]);
  });

  it('without a source are unknown, with the command that deploys it', async () => {
    const { ecs } = aws({ isOpen: false });
    const answer = (await ecs.describeTasks(NORTH, [idOf(1)])).get(idOf(1));
    expect(answer).toMatchObject({ kind: 'unknown', error: { name: 'SourceClosed' } });
    await expect(ecs.listTasks(NORTH)).rejects.toThrow(
      `role ${NORTH_ROLE} cannot be assumed: deploy the stack of a source in account 444455556666, Region eu-north-1, with npx cdk deploy -c forwardTo=arn:aws:events:eu-west-1:111122223333:event-bus/discovery -c clusters=prod,batch -c externalId=x-1`,
    );
    expect((await ecs.describeTasks('prod', [])).size).toBe(0);
  });
});
