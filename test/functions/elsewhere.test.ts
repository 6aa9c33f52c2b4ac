/** Two clusters of one name, one here and one in another account and Region, through all stages. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, OWNED } from '../factories/account.ts';
import { announceDrift, resyncOnce, someTasks } from '../factories/resyncs.ts';
import { awsError } from '../factories/senders.ts';
import { announcing, deliver, event, numbers, observe, register, stop, targetsOf } from '../factories/stages.ts';
import { clusterArn, eventBody, idOf, stopped, type TaskOptions, taskDetail } from '../factories/tasks.ts';

const NORTH = 'prod.eu-north-1.444455556666';

let account: Account;

beforeEach(() => {
  account = createAccount({ clusters: ['prod', NORTH], externalId: 'x-1' });
  account.addService('shop', OWNED);
});

const north = (number: number, options: TaskOptions = {}): TaskOptions => ({ number, cluster: NORTH, ...options });
const requests = (operation: string) => account.client.sent.filter((it) => it.operation === operation);
/** Every request to ECS in the other account fails. */
const fails = (name: string) => {
  account.before = (operation, input) => {
    const isThere = JSON.stringify(input).includes('arn:aws:ecs:eu-north-1:444455556666:');
    if (isThere && operation !== 'PublishBatch') throw awsError(name);
  };
};
const closed = () => {
  account.before = (operation) => {
    if (operation === 'AssumeRole') throw awsError('AccessDenied', 'no');
  };
};

describe('a task of a cluster elsewhere', () => {
  it('is announced for its cluster, with account and region beside the name', async () => {
    account.run({ number: 1 }, north(2));
    expect(await observe(account, event({ number: 1 }), event(north(2)))).toEqual(['done', 'done']);
    const labelsOf = (cluster: string) =>
      account
        .announced()
        .filter((it) => it.cluster === cluster)
        .flatMap(({ changes }) => changes.map((change) => change.kind === 'upsert' && change.targets.labels));
    expect(labelsOf('prod')).toEqual([
      { cluster: 'prod', service: 'shop', taskdefinition: 'shop', namespace: 'ecs-services' },
    ]);
    expect(labelsOf(NORTH)).toEqual([
      { cluster: 'prod', service: 'shop', taskdefinition: 'shop', account: '444455556666', region: 'eu-north-1' },
    ]);
  });

  it('is looked up by the ARN of its cluster, under the role of the source', async () => {
    account.run(north(2));
    await observe(account, event(north(2)));
    expect(requests('AssumeRole').map(({ input }) => input)).toEqual([
      {
        RoleArn: 'arn:aws:iam::444455556666:role/discovery-source-eu-north-1',
        ExternalId: 'x-1',
        RoleSessionName: 'discovery',
      },
    ]);
    expect(requests('DescribeTasks').map(({ input }) => input['cluster'])).toEqual([clusterArn(NORTH)]);
  });

  it('on a host has the address of a host there', async () => {
    const containers = [{ name: 'web', networkBindings: [{ containerPort: 3000, hostPort: 32_768, protocol: 'tcp' }] }];
    account.definitions.set('hosted', {
      networkMode: 'bridge',
      containerDefinitions: [{ name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' } }],
    });
    account.hosts.set('h1', '172.16.0.1');
    account.run(north(2, { host: 'h1', family: 'hosted', containers }));
    await observe(account, event(north(2, { host: 'h1', family: 'hosted', containers })));
    expect(account.announced()[0]?.changes).toMatchObject([{ targets: { address: '172.16.0.1' } }]);
    expect(requests('DescribeContainerInstances').map(({ input }) => input['cluster'])).toEqual([clusterArn(NORTH)]);
  });

  it('is neither looked for in Cloud Map nor registered there', async () => {
    account.run(north(2));
    await observe(account, event(north(2)), event(north(3, stopped)));
    account.asked();
    expect(await register(account, ...account.messages.splice(0))).toEqual(['done', 'done']);
    expect(await register(account, announcing([stop(4, { service: 'shop' })], { cluster: NORTH }))).toEqual(['done']);
    expect(account.asked()).toEqual([]);
    expect(requests('ListNamespaces')).toEqual([]);
  });

  it('has parameters of its own', async () => {
    account.run({ number: 1 }, north(2));
    await observe(account, event({ number: 1 }), event(north(2)));
    await deliver(account);
    expect([account.published('prod'), account.published(NORTH)]).toEqual([[1], [2]]);
  });
});

describe('an event', () => {
  it('of a cluster that is not watched is passed over, whatever its name', async () => {
    const others = ['prod.eu-north-1.777788889999', 'prod.eu-west-1.444455556666'];
    expect(await observe(account, ...others.map((cluster) => event({ cluster, ...stopped })))).toEqual([
      'done',
      'done',
    ]);
    expect(account.announced()).toEqual([]);
  });

  it('about a task of another account is put aside: whoever owns that account could end its tasks', async () => {
    const forged = eventBody(taskDetail({ number: 1, ...stopped })).replace(
      '"account":"111122223333"',
      '"account":"444455556666"',
    );
    expect(await observe(account, { body: forged })).toEqual([
      expect.stringMatching(/^put aside: .* it is about a task of another account than its own$/),
    ]);
    expect(account.announced()).toEqual([]);
  });
});

describe('an account that fails', () => {
  it.each(['ThrottlingException', 'ServerException'])('delays its own tasks alone: %s', async (name) => {
    fails(name);
    account.run({ number: 1 }, north(2));
    expect(await observe(account, event({ number: 1 }), event(north(2)), event(north(3, stopped)))).toEqual([
      'done',
      `again in 1 s (${name})`,
      'done',
    ]);
    account.before = undefined;
    expect(await observe(account, event(north(2)))).toEqual(['done']);
  });

  it('keeps what is published, while a resync puts the other cluster right', async () => {
    fails('ServerException');
    account.publish([targetsOf(north(2))], { cluster: NORTH });
    account.run({ number: 1 });
    expect(await resyncOnce(account)).toMatchObject({ cluster: 'prod', added: 1 });
    expect(account.published(NORTH)).toEqual([2]);
  });
});

describe('resync', () => {
  it('looks at both clusters, each in its account, and takes neither for the other', async () => {
    account.run({ number: 1 }, north(2));
    account.publish([targetsOf({ number: 11 })]);
    account.publish([targetsOf(north(12))], { cluster: NORTH });
    account.services.get('shop')?.instances.set(idOf(11), { ECS_CLUSTER_NAME: 'prod' });
    const { summary } = await announceDrift(account, { force: true });
    expect(summary.clusters).toMatchObject([
      { cluster: 'prod', added: 1, removed: 1, registered: 1, deregistered: 1, problems: [] },
      { cluster: NORTH, added: 1, removed: 1, registered: 0, deregistered: 0, problems: [] },
    ]);
    await deliver(account);
    expect([account.published('prod'), account.published(NORTH)]).toEqual([[1], [2]]);
  });

  it('asks Cloud Map nothing for a cluster elsewhere', async () => {
    account.run(north(2));
    await announceDrift(account, { cluster: NORTH });
    expect(account.asked().filter((it) => /Namespaces|Services|Instances/.test(it))).toEqual([]);
  });

  it('guards each cluster by itself against mass removal', async () => {
    account.run(...someTasks(20));
    account.publish(someTasks(20).map((it) => targetsOf(it)));
    const gone = someTasks(20, { cluster: NORTH }, 101);
    account.publish(
      gone.map((it) => targetsOf(it)),
      { cluster: NORTH },
    );
    const { summary } = await announceDrift(account);
    expect(summary.clusters).toMatchObject([
      { removed: 0, removalsHeld: 0 },
      { removed: 0, removalsHeld: 20 },
    ]);
    await deliver(account);
    expect(account.published(NORTH)).toEqual(numbers(20, 101));
  });

  it('says which stack to deploy where the other account does not let it in, and goes on with the others', async () => {
    closed();
    account.run({ number: 1 }, north(2));
    account.publish([targetsOf(north(2))], { cluster: NORTH });
    const { summary } = await announceDrift(account);
    expect(summary.clusters).toMatchObject([{ cluster: 'prod', added: 1, problems: [] }, { cluster: NORTH }]);
    expect(summary.clusters[1]?.problems).toEqual([
      expect.stringMatching(
        /^SourceClosed: role .* deploy the stack of a source in account 444455556666.* -c clusters=prod/,
      ),
    ]);
    await deliver(account);
    expect(account.published(NORTH)).toEqual([2]);
  });
});
