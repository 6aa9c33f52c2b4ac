import { beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import { type ResyncRun, resync } from '../../../functions/resync/resync.ts';
import {
  type ClusterSummary,
  parseResyncRequest,
  type ResyncRequest,
} from '../../../functions/resync/resync-summary.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { shardOf, targets } from '../../factories/shards.ts';
import { aTask, idOf, stopped, type TaskOptions } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const DAY = 86_400_000;

function run(request: ResyncRequest = {}, milliseconds = DAY): Promise<ResyncRun> {
  const { deps, clock, client } = account;
  return resync(deps, request, clock.now() + milliseconds, () => client.sent.length);
}

/** Resyncs to the end, as the Lambda does by invoking itself; answers how many runs it took. */
async function runToTheEnd(request: ResyncRequest = {}, milliseconds = DAY): Promise<number> {
  let next: ResyncRequest | undefined = request;
  for (let runs = 0; ; runs++) {
    if (next === undefined) return runs;
    if (runs > 50) throw new Error('it goes on for ever');
    next = (await run(next, milliseconds)).resume;
  }
}

async function summaryOf(request: ResyncRequest = {}): Promise<ClusterSummary> {
  const { summary, resume } = await run(request);
  expect(resume).toBeUndefined();
  expect(summary.complete).toBe(true);
  return summary.clusters[0] as ClusterSummary;
}

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);
const some = (count: number, options: TaskOptions = {}): TaskOptions[] =>
  numbers(count).map((number) => ({ number, ...options }));

/** Targets as they would have been published for a task. */
const publishedTargets = (options: TaskOptions) => {
  const task = aTask(options);
  return targets(options.number ?? 1, {
    version: task.version,
    address: task.address ?? '',
    labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
    targets: [{ port: 3000, labels: { __metrics_path__: '/metrics', container: 'web' } }],
  });
};

describe('a resync', () => {
  it('makes the targets equal to what ECS says, and tells what it did', async () => {
    account.run({ number: 1 }, { number: 2 }, { number: 3 }, { number: 4, ...stopped });
    account.publish(
      shardOf([
        publishedTargets({ number: 2 }),
        publishedTargets({ number: 3, address: '10.9.9.9' }),
        publishedTargets({ number: 4 }),
        publishedTargets({ number: 5 }),
      ]),
    );
    const { summary } = await run();
    expect(summary).toMatchObject({ dryRun: false, complete: true, awsCalls: account.client.sent.length });
    expect(summary.clusters).toEqual([
      {
        cluster: 'prod',
        targets: 3,
        checked: 5,
        added: 1,
        updated: 1,
        unchanged: 1,
        removed: 2,
        removalsHeld: 0,
        registered: 0,
        deregistered: 0,
        skipped: {},
        problems: [],
      },
    ]);
    expect(account.published()).toEqual([1, 2, 3]);
    expect(account.shard().tasks.get(idOf(3))?.address).toBe('10.0.0.3');
    expect(account.shard().stopped.has(idOf(4))).toBe(true);
    expect(account.announced).toEqual([
      { deployment: 'discovery', cluster: 'prod', shards: [{ shard: 0, version: 3 }] },
    ]);
    expect(account.counted(METRICS.drift)).toBe(4);
  });

  it('counts the targets that are there when it has run, in a dry run those that are', async () => {
    account.run({ number: 1 }, { number: 2 }, { number: 3, ...stopped });
    account.publish(shardOf([publishedTargets({ number: 3 })]));
    expect(await summaryOf({ dryRun: true })).toMatchObject({ added: 2, removed: 1, targets: 1 });
    expect(account.counted(METRICS.targets)).toBe(0);
    expect(await summaryOf()).toMatchObject({ added: 2, removed: 1, targets: 2 });
    expect(account.counted(METRICS.targets)).toBe(2);
  });

  it('counts as published what could not be written or removed as it was, and counts the problem', async () => {
    account.run({ number: 1 }, { number: 2, ...stopped });
    account.publish(shardOf([publishedTargets({ number: 2 })]));
    account.before = (operation) => {
      if (operation === 'PutParameter') throw awsError('AccessDeniedException', 'no');
    };
    expect(await summaryOf()).toMatchObject({ targets: 1, problems: [expect.stringContaining('AccessDenied')] });
    expect(account.counted(METRICS.problems)).toBe(1);
  });

  it('of an unchanged fleet writes nothing, and does not look at anything twice', async () => {
    account.run(...some(150));
    await run();
    account.client.sent.length = 0;
    account.counts.length = 0;
    expect(await summaryOf()).toMatchObject({ checked: 150, unchanged: 150, added: 0, targets: 150 });
    expect(account.writes()).toEqual([]);
    expect(account.client.calls('DescribeTasks')).toBe(2);
    expect(account.client.calls('ListTasks')).toBe(2);
    expect(account.counted(METRICS.drift)).toBe(0);
    expect(account.counted(METRICS.targets)).toBe(150);
  });

  it('says why tasks are not scraped, by number', async () => {
    const labelled = (labels: Record<string, string>) => ({
      networkMode: 'bridge',
      containerDefinitions: [{ name: 'web', dockerLabels: labels }],
    });
    account.definitions.set('bad', labelled({ PROMETHEUS_EXPORTER_PORT: 'x' }));
    account.definitions.set('far', labelled({ PROMETHEUS_EXPORTER_PORT: '3000' }));
    account.definitions.set('plain', labelled({}));
    account.hosts.set('h1', '172.31.0.1');
    const host = { host: 'h1' };
    account.run(
      { number: 1, family: 'bad', ...host },
      { number: 2, family: 'bad', ...host },
      { number: 3, family: 'far', ...host },
      { number: 4, family: 'far', host: 'mi-1' },
      { number: 5, family: 'plain', ...host },
    );
    const { skipped } = await summaryOf();
    expect(skipped).toEqual({ 'invalid-port': 2, 'no-host-port': 1, 'no-address': 1 });
    expect(account.counts).toContainEqual({
      metric: METRICS.skipped,
      value: 2,
      cluster: 'prod',
      reason: 'invalid-port',
    });
  });

  it('creates a shard that is missing, an empty one too, and says so', async () => {
    account = createAccount({ shards: 2 });
    const name = shardParameterName('discovery', 'prod', 0);
    account.parameters.remove(name);
    expect((await summaryOf()).problems).toEqual([`${name} was missing`]);
    expect(account.parameters.puts).toEqual([name]);
    expect((await summaryOf()).problems).toEqual([]);
  });

  it('finishes what a writer left half done', async () => {
    account.run({ number: 1 }, { number: 2 });
    const name = shardParameterName('discovery', 'prod', 0);
    const [a, b] = [1, 2].map((number) => publishedTargets({ number })) as [TaskTargets, TaskTargets];
    account.publish(shardOf([a]));
    const overwriting = JSON.parse(account.parameters.current(name) ?? '') as object;
    account.publish(shardOf([a, b]));
    account.parameters.write(name, JSON.stringify({ ...overwriting, base: 2 }));
    expect(await summaryOf()).toMatchObject({ added: 0, unchanged: 2, removed: 0 });
    expect(account.published()).toEqual([1, 2]);
  });

  it('looks at several clusters, and one that fails does not keep the others from theirs', async () => {
    account = createAccount({ clusters: ['gone', 'prod'] });
    account.run({ number: 1 });
    account.before = (operation, { cluster }) => {
      if (operation === 'ListTasks' && cluster === 'gone')
        throw awsError('ClusterNotFoundException', 'Cluster not found.');
    };
    const { summary } = await run();
    expect(account.counts).toContainEqual({ metric: METRICS.problems, value: 1, cluster: 'gone' });
    expect(summary.clusters).toMatchObject([
      { cluster: 'gone', checked: 0, problems: ['ClusterNotFoundException: Cluster not found.'] },
      { cluster: 'prod', added: 1, problems: [] },
    ]);
    expect(account.published()).toEqual([1]);
  });

  it('looks at one cluster alone when it is asked to', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.run({ number: 1 }, { number: 2, cluster: 'staging' });
    const { summary } = await run({ cluster: 'staging' });
    expect(summary.clusters.map(({ cluster }) => cluster)).toEqual(['staging']);
    expect([account.published('prod'), account.published('staging')]).toEqual([[], [2]]);
  });
});

describe('a dry run', () => {
  it('says what would change, and changes nothing', async () => {
    account.addService('shop', OWNED).instances.set(idOf(8), { ECS_CLUSTER_NAME: 'prod' });
    account.run({ number: 1 }, { number: 2, ...stopped });
    account.publish(shardOf([publishedTargets({ number: 2 })]));
    const planned = await summaryOf({ dryRun: true });
    expect(planned).toMatchObject({ checked: 3, added: 1, removed: 1, registered: 1, deregistered: 1 });
    expect(account.writes()).toEqual([]);
    expect(account.counts).toEqual([]);
    expect(account.published()).toEqual([2]);
    expect(await summaryOf()).toEqual(planned);
  });
});

describe('a resync of one service', () => {
  beforeEach(() => {
    account.run({ number: 1 }, { number: 2, service: 'cart', family: 'shop' }, { number: 3, service: undefined });
  });

  it('adds its tasks alone', async () => {
    expect(await summaryOf({ service: 'shop' })).toMatchObject({ checked: 1, added: 1 });
    expect(account.published()).toEqual([1]);
  });

  it('removes its tasks alone', async () => {
    await run();
    account.tasks.clear();
    expect(await summaryOf({ service: 'cart' })).toMatchObject({ checked: 1, removed: 1 });
    expect(account.published()).toEqual([1, 3]);
  });

  it('leaves the instances of other services', async () => {
    account.addService('shop', OWNED).instances.set(idOf(8), { ECS_CLUSTER_NAME: 'prod' });
    account.addService('cart', OWNED).instances.set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    expect(await summaryOf({ service: 'cart' })).toMatchObject({ deregistered: 1, registered: 1 });
    expect([...(account.services.get('shop')?.instances.keys() ?? [])]).toEqual([idOf(8)]);
    expect([...(account.services.get('cart')?.instances.keys() ?? [])]).toEqual([idOf(2)]);
  });

  it('leaves the tasks of other services where they are, also those that stand in another shard than theirs', async () => {
    account = createAccount({ shards: 2 });
    const strayed = numbers(20).find((number) => shardOfTask(idOf(number), 2) === 1) ?? 0;
    account.publish(shardOf([publishedTargets({ number: strayed })]));
    account.run({ number: strayed });
    expect(await summaryOf({ service: 'cart' })).toMatchObject({ checked: 0, added: 0 });
    expect(account.writes()).toEqual([]);
  });
});

describe('what ECS does not say', () => {
  beforeEach(async () => {
    account.run(...some(3));
    await run();
    account.client.sent.length = 0;
  });

  const told = () => account.published();

  it.each([
    [
      'is throttled',
      () => {
        throw awsError('ThrottlingException');
      },
    ],
    [
      'does not answer',
      () => {
        throw awsError('TimeoutError', 'timed out');
      },
    ],
  ])('removes nothing: DescribeTasks %s', async (_, fail) => {
    account.before = (operation) => {
      if (operation === 'DescribeTasks') fail();
    };
    const { removed, problems } = await summaryOf();
    expect(removed).toBe(0);
    expect(problems).toHaveLength(3);
    expect(told()).toEqual([1, 2, 3]);
  });

  it('removes nothing: an answer that is empty', async () => {
    account.answer = (operation, answer) => (operation === 'DescribeTasks' ? {} : answer);
    expect((await summaryOf()).problems).toContain(`task ${idOf(1)}: Error: DescribeTasks did not mention the task`);
    expect(told()).toEqual([1, 2, 3]);
  });

  it('removes nothing: a task that is listed but missing', async () => {
    account.answer = (operation, answer) =>
      operation === 'DescribeTasks'
        ? { failures: [1, 2, 3].map((it) => ({ arn: idOf(it), reason: 'MISSING' })) }
        : answer;
    const { removed, problems } = await summaryOf();
    expect(removed).toBe(0);
    expect(problems).toContain(`task ${idOf(2)}: Error: ECS lists the task but does not know it`);
  });

  it('removes nothing: a list that leaves running tasks out', async () => {
    account.answer = (operation, answer) => (operation === 'ListTasks' ? { taskArns: [] } : answer);
    expect(await summaryOf()).toMatchObject({ checked: 3, unchanged: 3, removed: 0 });
  });

  it.each(['ListTasks', 'GetParameters', 'ListNamespaces'])('removes nothing: %s fails', async (failing) => {
    account.clock.advance(DAY);
    account.before = (operation) => {
      if (operation === failing) throw awsError('InternalServerError', 'no');
    };
    const { removed, problems } = await summaryOf();
    expect(removed).toBe(0);
    expect(problems).toContain('InternalServerError: no');
    expect(told()).toEqual([1, 2, 3]);
    expect(account.writes()).toEqual([]);
  });

  it('removes nothing: a task definition that cannot be described', async () => {
    account.clock.advance(2 * DAY);
    account.before = (operation) => {
      if (operation === 'DescribeTaskDefinition') throw awsError('ThrottlingException');
    };
    expect(await summaryOf()).toMatchObject({ removed: 0, unchanged: 0 });
    expect(told()).toEqual([1, 2, 3]);
  });

  it('removes nothing: a host that is left out of the answer', async () => {
    account.definitions.set('shop', {
      networkMode: 'host',
      containerDefinitions: [{ name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' } }],
    });
    account.run(...some(3, { host: 'h1', version: 4 }));
    account.clock.advance(2 * DAY);
    expect(await summaryOf()).toMatchObject({ removed: 0 });
    expect(told()).toEqual([1, 2, 3]);
    account.hosts.set('h1', '172.31.0.1');
    expect(await summaryOf()).toMatchObject({ updated: 3 });
  });

  it.each(['missing namespace', 'remembered tags'])('removes nothing: %s', async (what) => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('shop', what === 'remembered tags' ? {} : { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    account.clock.advance(2 * DAY);
    if (what === 'missing namespace') {
      account.parameters.write('ECS-ServiceDiscovery-Namespaces', 'ecs-servises');
      const { removed, problems } = await summaryOf();
      expect(removed).toBe(0);
      expect(problems.join()).toContain(
        'namespace ecs-servises of parameter ECS-ServiceDiscovery-Namespaces does not exist',
      );
    } else {
      await account.deps.registries.of('prod', 'shop');
      account.clock.advance(1000);
      account.addService('shop', { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
      expect(await summaryOf()).toMatchObject({ removed: 0 });
    }
    expect(told()).toEqual([1, 2, 3]);
  });

  it('removes nothing: an interface that is left out of the answer', async () => {
    account.answer = (operation, answer) =>
      operation === 'DescribeTasks'
        ? { ...answer, tasks: (answer['tasks'] as object[]).map((task) => ({ ...task, attachments: [] })) }
        : answer;
    const { removed, problems } = await summaryOf();
    expect(removed).toBe(0);
    expect(problems).toContain(
      `task ${idOf(1)}: AnswerIncomplete: the task has no network interface with a private address`,
    );
    expect(told()).toEqual([1, 2, 3]);
  });

  it('removes nothing: a service that is left out of the answer', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('registry-of-shop', { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    account.managed.set('shop', ['registry-of-shop']);
    account.clock.advance(2 * DAY);
    account.answer = (operation, answer) => (operation === 'DescribeServices' ? { failures: [] } : answer);
    expect(await summaryOf()).toMatchObject({ removed: 0 });
    expect(told()).toEqual([1, 2, 3]);
  });

  it('keeps no task from being added that is known', async () => {
    account.run({ number: 4 });
    account.answer = (operation, answer) =>
      operation === 'DescribeTasks'
        ? {
            ...answer,
            tasks: (answer['tasks'] as { taskArn: string }[]).filter(({ taskArn }) => !taskArn.endsWith('1')),
          }
        : answer;
    expect(await summaryOf()).toMatchObject({ added: 1, unchanged: 2, removed: 0 });
    expect(told()).toEqual([1, 2, 3, 4]);
  });
});

describe('the guard against mass removal', () => {
  beforeEach(async () => {
    account.run(...some(20));
    await run();
    account.counts.length = 0;
  });

  const lose = (...lost: number[]) => {
    for (const number of lost) account.tasks.delete(idOf(number));
  };

  it('lets half of the targets go', async () => {
    lose(...numbers(10));
    expect(await summaryOf()).toMatchObject({ removed: 10, removalsHeld: 0 });
    expect(account.published()).toEqual(numbers(10, 11));
  });

  it('holds more than that, adds what is new all the same, and says so', async () => {
    lose(...numbers(11));
    account.run({ number: 30 });
    expect(await summaryOf()).toMatchObject({ removed: 0, removalsHeld: 11, added: 1, unchanged: 9 });
    expect(account.published()).toEqual([...numbers(20), 30]);
    expect(account.counted(METRICS.held)).toBe(11);
    expect(account.counted(METRICS.drift)).toBe(1);
  });

  it('says so in a dry run, too', async () => {
    lose(...numbers(20));
    expect(await summaryOf({ dryRun: true })).toMatchObject({ removed: 0, removalsHeld: 20 });
  });

  it('gives way to force', async () => {
    lose(...numbers(20));
    expect(await summaryOf({ force: true })).toMatchObject({ removed: 20, removalsHeld: 0 });
    expect(account.published()).toEqual([]);
  });

  it('lets a small fleet go to zero', async () => {
    account = createAccount();
    account.run(...some(10));
    await run();
    lose(...numbers(10));
    expect(await summaryOf()).toMatchObject({ removed: 10, removalsHeld: 0 });
  });

  it('holds what nothing selects any more just as well', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.clock.advance(2 * DAY);
    expect(await summaryOf()).toMatchObject({ removed: 0, removalsHeld: 20 });
    expect(account.published()).toEqual(numbers(20));
  });

  it('counts against what is published of the service that is looked at', async () => {
    account.run(...numbers(12, 100).map((number) => ({ number, service: 'cart' })));
    await run();
    lose(...numbers(12, 100));
    expect(await summaryOf({ service: 'cart' })).toMatchObject({ removed: 0, removalsHeld: 12 });
  });

  it('holds the instances of the tasks that it holds', async () => {
    account = createAccount();
    account.addService('shop', OWNED);
    account.run(...some(12));
    await run();
    lose(...numbers(12));
    expect(await summaryOf()).toMatchObject({ removalsHeld: 12, deregistered: 0 });
    expect(account.services.get('shop')?.instances.size).toBe(12);
  });

  it('cannot be got round by an API that begins to lie between the first look and the second', async () => {
    account.run({ number: 30 });
    let looks = 0;
    account.before = (operation) => {
      if (operation === 'DescribeTasks' && ++looks === 2) {
        account.answer = (asked, answer) =>
          asked === 'DescribeTasks'
            ? { tasks: (answer['tasks'] as object[]).map((it) => ({ ...it, desiredStatus: 'STOPPED' })) }
            : answer;
      }
    };
    expect(await summaryOf()).toMatchObject({ removed: 0 });
    expect(account.published()).toEqual(expect.arrayContaining(numbers(20)));
  });
});

describe('instances in Cloud Map', () => {
  const instances = () => account.services.get('shop')?.instances ?? new Map();

  beforeEach(async () => {
    account.addService('shop', OWNED);
    account.run({ number: 1 }, { number: 2 });
    await run();
    account.client.sent.length = 0;
  });

  it('that are lost are registered again, without a write of the shard', async () => {
    instances().delete(idOf(1));
    expect(await summaryOf()).toMatchObject({ registered: 1, added: 0, updated: 0 });
    expect(instances().has(idOf(1))).toBe(true);
    expect(account.writes()).not.toContain('PutParameter');
  });

  it('that say something else are registered again', async () => {
    instances().set(idOf(2), { ...instances().get(idOf(2)), AWS_INSTANCE_IPV4: '10.9.9.9' });
    expect(await summaryOf()).toMatchObject({ registered: 1 });
    expect(instances().get(idOf(2))).toMatchObject({ AWS_INSTANCE_IPV4: '10.0.0.2' });
  });

  it('of tasks that are gone are removed, although no target is left of them', async () => {
    instances().set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    expect(await summaryOf()).toMatchObject({ deregistered: 1, removed: 0 });
    expect(instances().has(idOf(9))).toBe(false);
  });

  it('move to another Cloud Map service of this deployment: into the new one, out of the old one', async () => {
    const before = instances().get(idOf(1));
    const old = account.addService('shop-of-before', OWNED);
    old.instances.set(idOf(1), { ...before });
    instances().delete(idOf(1));
    // Both have the name of the ECS service, in one namespace each.
    account.answer = (operation, answer) => {
      if (operation !== 'ListServices') return answer;
      return { Services: (answer['Services'] as object[]).map((service) => ({ ...service, Name: 'shop' })) };
    };
    account.clock.advance(600_000);
    expect(await summaryOf()).toMatchObject({ registered: 1, deregistered: 1, added: 0, removed: 0 });
    expect(instances().get(idOf(1))).toEqual(before);
    expect(old.instances.size).toBe(0);

    old.instances.set(idOf(2), { ECS_CLUSTER_NAME: 'prod' });
    account.tasks.set(idOf(2), { number: 2, ...stopped });
    expect(await summaryOf()).toMatchObject({ deregistered: 2, removed: 1 });
    expect([...instances().keys(), ...old.instances.keys()]).toEqual([idOf(1)]);
  });

  it('are left as they are where Cloud Map does not say; the targets are made right all the same', async () => {
    account.tasks.set(idOf(2), { number: 2, ...stopped });
    account.run({ number: 3 });
    account.before = (operation) => {
      if (operation === 'ListInstances') throw awsError('ServiceNotFound', 'deleted under us');
    };
    const { added, removed, problems } = await summaryOf();
    expect({ added, removed, problems }).toEqual({
      added: 1,
      removed: 1,
      problems: ['ServiceNotFound: deleted under us'],
    });
    expect(account.published()).toEqual([1, 3]);
    account.before = undefined;
    expect(await summaryOf()).toMatchObject({ problems: [] });
    expect([...instances().keys()].sort()).toEqual([idOf(1), idOf(3)]);
  });

  it('of other clusters are left alone', async () => {
    instances().set(idOf(9), { ECS_CLUSTER_NAME: 'staging' });
    instances().set('by-hand', {});
    expect(await summaryOf()).toMatchObject({ deregistered: 0 });
    expect(instances().size).toBe(4);
  });

  it('of services that somebody else owns are never looked at', async () => {
    const { instances: others } = account.addService('other', { METRICS_PATH: '/metrics' });
    others.set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    account.clock.advance(600_000);
    await summaryOf();
    expect(others.size).toBe(1);
    const listed = account.client.sent.filter(({ operation }) => operation === 'ListInstances');
    expect(listed.map(({ input }) => input['ServiceId'])).toEqual(['srv-shop']);
  });
});

describe('a shard that cannot be written', () => {
  it('adds and removes nothing, and the summary does not say that it did', async () => {
    account.run({ number: 1 }, { number: 2 }, { number: 3, ...stopped });
    account.publish(shardOf([publishedTargets({ number: 2 }), publishedTargets({ number: 3 })]));
    account.parameters.beforePut = () => {
      throw awsError('AccessDeniedException', 'not allowed');
    };
    const { added, removed, unchanged, problems } = await summaryOf();
    expect({ added, removed, unchanged }).toEqual({ added: 0, removed: 0, unchanged: 1 });
    expect(problems).toEqual([expect.stringMatching(/^shard \d: AccessDeniedException/)]);
    expect(account.counted(METRICS.drift)).toBe(0);
  });
});

describe('a shard that cannot be read', () => {
  beforeEach(() => {
    account = createAccount({ shards: 2 });
    account.run(...some(8));
    account.parameters.write(shardParameterName('discovery', 'prod', 0), 'not a shard');
  });

  it('stays as it is, is named, and the other shard is made right', async () => {
    const { problems } = await summaryOf();
    expect(problems).toEqual([
      expect.stringContaining('/discovery/prod/targets/0: not a shard document'),
      '/discovery/prod/targets/0 is made anew only on request: run resync with "force": true',
    ]);
    expect(account.parameters.current(shardParameterName('discovery', 'prod', 0))).toBe('not a shard');
    expect(account.shard(1).tasks.size).toBeGreaterThan(0);
  });

  it.each([true, false])('is not counted as if it were made right (dry run: %p)', async (dryRun) => {
    const { checked, added } = await summaryOf({ dryRun });
    const elsewhere = numbers(8).filter((number) => shardOfTask(idOf(number), 2) === 1).length;
    expect({ checked, added }).toEqual({ checked: 8, added: elsewhere });
    expect(elsewhere).toBeLessThan(8);
  });

  it('is made anew by force', async () => {
    expect(await summaryOf({ force: true })).toMatchObject({ added: 8 });
    expect(account.published()).toEqual(numbers(8));
  });
});

describe('another number of shards', () => {
  beforeEach(() => {
    account = createAccount({ shards: 3 });
    account.run(...some(12));
    account.publish(shardOf(some(12).map(publishedTargets)));
  });

  const isHome = () =>
    [0, 1, 2].every((shard) => [...account.shard(shard).tasks.keys()].every((id) => shardOfTask(id, 3) === shard));

  const strays = numbers(12).filter((number) => shardOfTask(idOf(number), 3) !== 0);

  it('moves the tasks to where they belong', async () => {
    expect(await summaryOf()).toMatchObject({ checked: 12, added: strays.length, unchanged: 12 - strays.length });
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12));
    expect(await summaryOf()).toMatchObject({ unchanged: 12, added: 0, removed: 0 });
  });

  it('never leaves a moment in which a task is nowhere', async () => {
    account.before = (operation) => {
      if (operation !== 'PutParameter') return;
      const everywhere = [0, 1, 2].flatMap((shard) => [...account.shard(shard).tasks.keys()]);
      expect(new Set(everywhere).size).toBe(12);
    };
    await summaryOf();
    expect(isHome()).toBe(true);
  });

  it('leaves a task where it is as long as its home cannot take it', async () => {
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/2')) throw awsError('AccessDeniedException', 'no');
    };
    const { problems } = await summaryOf();
    expect(problems.join()).toContain('shard 2: AccessDeniedException');
    expect(account.published()).toEqual(numbers(12));
  });

  it('forgets tasks that stopped meanwhile', async () => {
    const gone = strays.slice(0, 3);
    for (const number of gone) account.tasks.set(idOf(number), { number, ...stopped });
    expect(await summaryOf()).toMatchObject({ checked: 12, removed: 3 });
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12).filter((number) => !gone.includes(number)));
  });

  it('forgets them also where their home has forgotten that they stopped', async () => {
    const [gone = 0] = strays;
    account.tasks.set(idOf(gone), { number: gone, ...stopped });
    account.before = (operation, { Name }) => {
      if (operation !== 'PutParameter' || !String(Name).endsWith('/0')) return;
      account.before = undefined;
    };
    const { sleep } = account.clock;
    account.clock.sleep = async (milliseconds) => {
      await sleep(milliseconds);
      const home = shardOfTask(idOf(gone), 3);
      account.publish(shardOf([...account.shard(home).tasks.values()]), home);
    };
    await summaryOf();
    account.clock.sleep = sleep;
    expect(isHome()).toBe(true);
    expect(account.published()).not.toContain(gone);
  });

  it('moves them also when it takes several runs', async () => {
    expect(await runToTheEnd({}, 0)).toBeGreaterThan(1);
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12));
  });
});

describe('a fleet too large for one run', () => {
  beforeEach(() => {
    account = createAccount({ shards: 4, clusters: ['prod', 'staging'] });
    account.run(...some(16), ...numbers(16, 100).map((number) => ({ number, cluster: 'staging' })));
  });

  it('is gone on with where the time ended, with the same request', async () => {
    const request = { force: true };
    const { summary, resume } = await run(request, 0);
    expect(summary).toMatchObject({ complete: false, clusters: [{ cluster: 'prod' }] });
    expect(resume).toEqual({ force: true, resumeAt: { cluster: 'prod', shard: 1 } });
    expect(parseResyncRequest(JSON.parse(JSON.stringify(resume)), ['prod', 'staging'])).toEqual(resume);
  });

  it('comes to its end however short the runs are', async () => {
    expect(await runToTheEnd({}, 0)).toBe(8);
    expect(account.published('prod')).toEqual(numbers(16));
    expect(account.published('staging')).toEqual(numbers(16, 100));
  });

  it('does not begin a cluster after its time', async () => {
    await run({ cluster: 'prod' });
    const { resume } = await run({}, 0);
    expect(resume).toEqual({ resumeAt: { cluster: 'staging', shard: 0 } });
    expect(account.published('staging')).toEqual([]);
  });

  it('stays in its cluster when it was asked for one', async () => {
    await runToTheEnd({ cluster: 'staging' }, 0);
    expect([account.published('prod'), account.published('staging')]).toEqual([[], numbers(16, 100)]);
  });
});

describe('the request of a resync', () => {
  const clusters = ['prod', 'staging'];

  it.each<[unknown, ResyncRequest]>([
    [undefined, {}],
    [null, {}],
    [{}, {}],
    [{ version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} }, {}],
    [
      { cluster: 'prod', service: 'shop', dryRun: true, force: false },
      { cluster: 'prod', service: 'shop', dryRun: true, force: false },
    ],
    [{ resumeAt: { cluster: 'prod', shard: 3 } }, { resumeAt: { cluster: 'prod', shard: 3 } }],
  ])('%j is %j', (payload, request) => {
    expect(parseResyncRequest(payload, clusters)).toEqual(request);
  });

  it.each<[unknown, RegExp]>([
    [{ cluster: 'test' }, /cluster test is not watched; watched are prod, staging/],
    [{ dryrun: true }, /dryrun/],
    [{ dryRun: 'true' }, /dryRun/],
    [{ service: 1 }, /service/],
    ['prod', /payload/],
    [[], /payload/],
    [
      { force: 1, cluster: 2 },
      /cluster.*force.*Expected \{ "cluster"\?: string, "service"\?: string, "dryRun"\?: boolean/,
    ],
  ])('%j is refused', (payload, message) => {
    expect(() => parseResyncRequest(payload, clusters)).toThrow(message);
  });
});
