import { beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { type Account, createAccount, OWNED, SELECTING, START } from '../../factories/account.ts';
import { announceDrift, resyncOnce, someTasks, writesOf } from '../../factories/resyncs.ts';
import { awsError } from '../../factories/senders.ts';
import { fail, targetsOf, upsert } from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const writes = () => writesOf(account);

describe('a resync', () => {
  it('announces what differs from what ECS says, and answers what it found', async () => {
    account.run({ number: 1 }, { number: 2 }, { number: 3 }, { number: 4, ...stopped });
    account.publish([
      targetsOf({ number: 2 }),
      targetsOf({ number: 3, address: '10.9.9.9' }),
      targetsOf({ number: 4 }),
      targetsOf({ number: 5 }),
    ]);
    const { summary } = await announceDrift(account);
    expect(summary).toMatchObject({ dryRun: false, complete: true, awsCalls: account.client.sent.length });
    expect(summary.clusters).toEqual([
      {
        cluster: 'prod',
        targets: 3,
        checked: 5,
        added: 1,
        updated: 1,
        unchanged: 1,
        ignored: 0,
        removed: 2,
        removalsHeld: 0,
        registered: 0,
        deregistered: 0,
        skipped: {},
        skippedTasks: [],
        moreSkipped: 0,
        problems: [],
        moreProblems: 0,
      },
    ]);
    expect(account.announced()).toEqual([
      {
        deployment: 'discovery',
        cluster: 'prod',
        changes: [
          upsert(1),
          upsert(3),
          { kind: 'stop', taskId: idOf(4), version: 7, observed: START / 1000, service: 'shop' },
          { kind: 'stop', taskId: idOf(5), version: 3, observed: START / 1000 },
        ],
        misregistered: [],
        compared: [{ shard: 0, shards: 1, version: 2, at: START / 1000 }],
        written: [],
      },
    ]);
    expect(account.counted(METRICS.drift)).toBe(4);
    expect(writes()).toEqual(['PublishBatch']);
  });

  it('asks for tags itself: who has just corrected one runs it for that, and has run it a moment before', async () => {
    const tags: Record<string, string> = { METRICS_PATH: '/metrics', METRICS_PORT: '3001' };
    account.addService('shop', tags);
    account.run({ number: 1, family: 'plain' });
    expect(await resyncOnce(account)).toMatchObject({ added: 1 });
    account.clock.advance(60_000);
    tags['METRICS_PORT'] = '4000';
    expect(await resyncOnce(account)).toMatchObject({ updated: 1 });
    // While Cloud Map does not answer, what it said before serves.
    fail(account, 'ListTagsForResource');
    expect(await resyncOnce(account)).toMatchObject({ unchanged: 1, problems: [] });
  });

  it('names the life of the document that it compared', async () => {
    const life = START.toString(36);
    account.parameters.writtenAt = START;
    account.run({ number: 1 });
    await resyncOnce(account);
    expect(account.shard().life).toBe(life);
    await announceDrift(account);
    expect(account.announced().at(-1)).toMatchObject({ compared: [{ version: 2, life }] });
    account.parameters.remove('/discovery/prod/targets/0');
    await announceDrift(account);
    // Its first version names none, and is called after its time.
    expect(account.shard().life).toBeUndefined();
    await announceDrift(account);
    expect(account.announced().at(-1)).toMatchObject({ compared: [{ version: 1, life }] });
  });

  it('is done once its announcements are: the next one finds nothing', async () => {
    account.run({ number: 1 }, { number: 2 });
    account.publish([targetsOf({ number: 3 })]);
    expect(await resyncOnce(account)).toMatchObject({ added: 2, removed: 1 });
    expect(account.published()).toEqual([1, 2]);
    expect(await resyncOnce(account)).toMatchObject({ unchanged: 2, added: 0, removed: 0 });
  });

  it('of an unchanged fleet says only that it was compared, and looks at nothing twice', async () => {
    account.run(...someTasks(150));
    account.publish(someTasks(150).map((it) => targetsOf(it)));
    expect(await resyncOnce(account)).toMatchObject({ checked: 150, unchanged: 150, targets: 150 });
    expect(account.client.calls('DescribeTasks')).toBe(2);
    expect(account.client.calls('ListTasks')).toBe(2);
    expect(writes()).toEqual(['PublishBatch']);
    expect(account.counted(METRICS.drift)).toBe(0);
    expect(account.counted(METRICS.targets)).toBe(150);
  });

  it('asks Cloud Map once for all shards, also where it leaves tasks unselected', async () => {
    account = createAccount({ shards: 8 });
    account.addService('shop', {});
    account.run(...someTasks(60, { family: 'plain' }));
    account.before = () => account.clock.sleep(20);
    expect(await resyncOnce(account)).toMatchObject({ checked: 60, ignored: 60 });
    for (const operation of ['ListNamespaces', 'ListServices', 'ListTagsForResource', 'DescribeServices'])
      expect([operation, account.client.calls(operation)]).toEqual([operation, 1]);
  });

  it('counts the targets that will be there when it has run, in a dry run those that are', async () => {
    account.run({ number: 1 }, { number: 2 }, { number: 3, ...stopped });
    account.publish([targetsOf({ number: 3 })]);
    expect(await resyncOnce(account, { dryRun: true })).toMatchObject({ added: 2, removed: 1, targets: 1 });
    expect(account.counted(METRICS.targets)).toBe(0);
    expect(await resyncOnce(account)).toMatchObject({ added: 2, removed: 1, targets: 2 });
    expect(account.counted(METRICS.targets)).toBe(2);
  });

  it('does not count as done what SNS did not take, and counts the problem', async () => {
    account.run({ number: 1 }, { number: 2, ...stopped });
    account.publish([targetsOf({ number: 2 })]);
    fail(account, 'PublishBatch', 'InternalErrorException', 'later');
    expect(await resyncOnce(account)).toMatchObject({
      added: 0,
      removed: 0,
      targets: 1,
      problems: ['2 changes were not announced: InternalErrorException: later'],
    });
    expect(account.counted(METRICS.problems)).toBe(1);
    expect(account.counted(METRICS.drift)).toBe(0);
  });

  it('looks at several clusters, and one that fails does not keep the others from theirs', async () => {
    account = createAccount({ clusters: ['gone', 'prod'] });
    account.run({ number: 1 });
    account.before = (operation, { cluster }) => {
      if (operation === 'ListTasks' && cluster === 'gone')
        throw awsError('ClusterNotFoundException', 'Cluster not found.');
    };
    const { summary } = await announceDrift(account);
    expect(account.counts).toContainEqual({ metric: METRICS.problems, value: 1, cluster: 'gone' });
    expect(summary.clusters).toMatchObject([
      { cluster: 'gone', checked: 0, problems: ['ClusterNotFoundException: Cluster not found.'] },
      { cluster: 'prod', added: 1, problems: [] },
    ]);
  });
});

describe('tasks that are not scraped', () => {
  it('are named with the reason, those that nothing selects are counted', async () => {
    const labelled = (labels: Record<string, string>) => ({
      networkMode: 'bridge',
      containerDefinitions: [{ name: 'web', dockerLabels: labels }],
    });
    account.definitions.set('bad', labelled({ PROMETHEUS_EXPORTER_PORT: 'x' }));
    account.definitions.set('far', labelled({ PROMETHEUS_EXPORTER_PORT: '3000' }));
    account.hosts.set('h1', '172.31.0.1');
    account.run(
      { number: 1, family: 'bad', host: 'h1' },
      { number: 2, family: 'bad', host: 'h1', service: undefined },
      { number: 3, family: 'far', host: 'h1' },
      { number: 4, family: 'far', host: 'mi-1' },
      { number: 5, family: 'plain' },
    );
    const { skipped, skippedTasks, moreSkipped, ignored, problems } = await resyncOnce(account);
    expect(skipped).toEqual({ 'invalid-port': 2, 'no-address': 1 });
    const problem = 'container web: the metrics port must be a number from 1 to 65535, not "x"';
    expect(skippedTasks).toHaveLength(3);
    expect(skippedTasks.slice(0, 2)).toEqual([
      { task: idOf(1), service: 'shop', reason: 'invalid-port', problem },
      { task: idOf(2), reason: 'invalid-port', problem },
    ]);
    expect([ignored, moreSkipped]).toEqual([1, 0]);
    expect(account.counted(METRICS.skipped)).toBe(3);
    expect(problems).toEqual([expect.stringMatching(`^task ${idOf(3)}: AnswerIncomplete: `)]);
  });

  it('are as many as a person reads; the number of the others is said', async () => {
    account.definitions.set('bad', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: { PROMETHEUS_EXPORTER_PORT: 'x' } }],
    });
    account.run(...someTasks(130, { family: 'bad' }));
    const summary = await resyncOnce(account);
    expect([summary.skippedTasks.length, summary.moreSkipped, summary.skipped]).toEqual([
      100,
      30,
      { 'invalid-port': 130 },
    ]);
  });

  it('because AWS does not answer are problems, as many as a person reads', async () => {
    account.run(...someTasks(130));
    fail(account, 'DescribeTasks');
    const { problems, moreProblems } = await resyncOnce(account);
    expect([problems.length, moreProblems]).toEqual([100, 30]);
  });
});

describe('the second look, right before an announcement', () => {
  const untilSecondLook = (act: () => void) => {
    let looks = 0;
    account.before = (operation) => {
      if (operation === 'DescribeTasks' && ++looks === 2) act();
    };
  };

  it('dates what is announced, however long the first one took', async () => {
    account.run({ number: 1 });
    untilSecondLook(() => account.clock.advance(90_000));
    account.answer = (operation, answer) => {
      if (operation === 'ListTasks') account.clock.advance(60_000);
      return answer;
    };
    await announceDrift(account);
    const [{ changes, compared } = { changes: [], compared: [] }] = account.announced();
    expect(changes.map(({ observed }) => observed - START / 1000)).toEqual([60]);
    expect(compared.map(({ at }) => at - START / 1000)).toEqual([0]);
  });

  it('announces nothing that was put right meanwhile', async () => {
    account.run({ number: 1 });
    untilSecondLook(() => {});
    account.answer = (operation, answer) => {
      if (operation === 'DescribeTasks' && account.shard().tasks.size === 0)
        account.publish([targetsOf({ number: 1 })]);
      return answer;
    };
    expect(await resyncOnce(account)).toMatchObject({ added: 0 });
    expect(account.client.calls('DescribeTasks')).toBe(2);
  });

  it('asks for tags again: what left a task unselected may have been put right', async () => {
    const tags = { METRICS_PATH: '/metrics', METRICS_PORT: '3000' };
    account.addService('shop');
    account.run({ number: 1, family: 'plain' });
    account.publish([targetsOf({ number: 1, family: 'plain' })]);
    let reads = 0;
    account.before = (operation, { Names }) => {
      if (operation !== 'GetParameters' || !String(Names).includes('/targets/') || ++reads !== 2) return;
      account.clock.advance(1000);
      account.addService('shop', tags);
    };
    await announceDrift(account);
    expect(account.announced().flatMap(({ changes }) => changes.map(({ kind }) => kind))).toEqual(['upsert']);
  });

  it('that fails for a task announces nothing of it, and does not call the shard compared', async () => {
    account.run({ number: 1 }, { number: 2 });
    untilSecondLook(() => {
      account.answer = (operation, answer) =>
        operation === 'DescribeTasks' ? { tasks: (answer['tasks'] as object[]).slice(1) } : answer;
    });
    await announceDrift(account);
    expect(account.announced()).toMatchObject([{ changes: [{ taskId: idOf(2) }], compared: [] }]);
  });

  it('speaks of the version that it compared: an earlier one lacks what was written meanwhile', async () => {
    account.run({ number: 1 }, { number: 2 });
    account.answer = (operation, answer) => {
      if (operation === 'DescribeTasks' && account.shard().tasks.size === 0)
        account.publish([targetsOf({ number: 1 })]);
      return answer;
    };
    await announceDrift(account);
    expect(account.announced()).toMatchObject([
      { changes: [{ taskId: idOf(2) }], compared: [{ shard: 0, version: 2 }] },
    ]);
  });
});

describe('the word that a shard was compared', () => {
  const compared = async (request = {}) => {
    await announceDrift(account, request);
    return account.announced().flatMap((it) => it.compared.map(({ shard }) => shard));
  };

  it('is said of every shard, whether something differs or not', async () => {
    account = createAccount({ shards: 3 });
    account.run({ number: 1 });
    expect((await compared()).sort()).toEqual([0, 1, 2]);
  });

  it.each<[string, object]>([
    ['of one service', { service: 'shop' }],
    ['of one task', { task: idOf(1) }],
    ['that changes nothing', { dryRun: true }],
  ])('is not said by a resync %s', async (_, request) => {
    account.run({ number: 1 });
    expect(await compared(request)).toEqual([]);
  });

  it('is not said while a task of the shard is unknown', async () => {
    account.run({ number: 1 });
    account.publish([targetsOf({ number: 1 })]);
    fail(account, 'DescribeTasks');
    expect(await compared()).toEqual([]);
  });

  it.each([false, true])(
    'is not said while removals are held back, also where something else is announced of the shard: %s',
    async (isBeside) => {
      account.publish(someTasks(20).map((it) => targetsOf(it)));
      if (isBeside) account.run({ number: 30 });
      expect(await compared()).toEqual([]);
      expect(account.announced().flatMap(({ changes }) => changes)).toHaveLength(isBeside ? 1 : 0);
    },
  );
});

describe('a dry run', () => {
  it('says what would change, and changes nothing', async () => {
    account.addService('shop', OWNED).instances.set(idOf(8), { ECS_CLUSTER_NAME: 'prod' });
    account.run({ number: 1 }, { number: 2, ...stopped });
    account.publish([targetsOf({ number: 2 })]);
    const planned = await resyncOnce(account, { dryRun: true });
    expect(planned).toMatchObject({ checked: 3, added: 1, removed: 1, registered: 1, deregistered: 1 });
    expect([writes(), account.counts]).toEqual([[], []]);
    expect(account.published()).toEqual([2]);
    expect(await resyncOnce(account)).toEqual(planned);
  });
});

describe('a resync of a part', () => {
  beforeEach(() => {
    account.run({ number: 1 }, { number: 2, service: 'cart', family: 'shop' }, { number: 3, service: undefined });
  });

  it('of one service adds and removes its tasks alone', async () => {
    expect(await resyncOnce(account, { service: 'shop' })).toMatchObject({ checked: 1, added: 1 });
    expect(account.published()).toEqual([1]);
    await resyncOnce(account);
    account.tasks.clear();
    expect(await resyncOnce(account, { service: 'cart' })).toMatchObject({ checked: 1, removed: 1 });
    expect(account.published()).toEqual([1, 3]);
  });

  it('of one service leaves the instances of other services', async () => {
    account.addService('shop', OWNED).instances.set(idOf(8), { ECS_CLUSTER_NAME: 'prod' });
    account.addService('cart', OWNED).instances.set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    expect(await resyncOnce(account, { service: 'cart' })).toMatchObject({ deregistered: 1, registered: 1 });
    expect([...(account.services.get('shop')?.instances.keys() ?? [])]).toEqual([idOf(8)]);
    expect([...(account.services.get('cart')?.instances.keys() ?? [])]).toEqual([idOf(2)]);
  });

  it('of one task looks at it alone, and says why it is not scraped', async () => {
    account.definitions.set('shop', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: { ...SELECTING, ECS_PROMETHEUS_EXPORTER_PORT: 'x' } }],
    });
    account.publish([targetsOf({ number: 9 })]);
    const { checked, skippedTasks, removed } = await resyncOnce(account, { task: idOf(3) });
    expect({ checked, removed }).toEqual({ checked: 1, removed: 0 });
    expect(skippedTasks).toMatchObject([{ task: idOf(3), reason: 'invalid-port' }]);
    expect(await resyncOnce(account, { task: idOf(9) })).toMatchObject({ checked: 1, removed: 1 });
  });

  describe('of one service', () => {
    /** ECS knows services in these clusters alone. */
    const inClusters = (...known: readonly string[]): void => {
      account = createAccount({ clusters: ['prod', 'staging'] });
      account.run({ number: 1, cluster: 'staging' });
      account.before = (asked, { cluster }) => {
        if (asked === 'ListTasks' && !known.includes(String(cluster)))
          throw awsError('ServiceNotFoundException', 'Not found.');
      };
    };

    it('is of the clusters that have it', async () => {
      inClusters('staging');
      const { clusters } = (await announceDrift(account, { service: 'shop' })).summary;
      expect(clusters).toMatchObject([{ cluster: 'staging', added: 1, problems: [] }]);
    });

    it('that no cluster has says so', async () => {
      inClusters();
      const problems = ['prod', 'staging'].map((cluster) => [
        `NoSuchService: ECS knows no service shpo in cluster ${cluster}`,
      ]);
      const { clusters } = (await announceDrift(account, { service: 'shpo' })).summary;
      expect(clusters.map((it) => it.problems)).toEqual(problems);
      expect(account.counts).toEqual([]);
    });

    it('that was deleted takes away what is left of it', async () => {
      inClusters('staging');
      account.publish([targetsOf({ number: 9 })]);
      const { clusters } = (await announceDrift(account, { service: 'shop' })).summary;
      expect(clusters).toMatchObject([
        { cluster: 'prod', checked: 1, removed: 1, problems: [] },
        { cluster: 'staging', added: 1 },
      ]);
    });
  });

  it('of one cluster leaves the others', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.run({ number: 1 }, { number: 2, cluster: 'staging' });
    expect(await resyncOnce(account, { cluster: 'staging' })).toMatchObject({ cluster: 'staging', added: 1 });
    expect([account.published('prod'), account.published('staging')]).toEqual([[], [2]]);
  });
});
