import {
  DeregisterInstanceCommand,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import type { ClusterSummary } from '../../functions/resync/resync-summary.ts';
import { createNamespace, createRegistry } from '../../infra/local/cloud-map.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { type Event, fixture, type Json, replaced, stopped, taskId, twin } from './events.ts';
import { broken, throttled } from './fake-ecs.ts';
import { MARKED, untilStored } from './marker.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

const CLUSTER = 'dev-public';

describe('the deployed resync function', () => {
  let discovery: DeployedDiscovery;
  let cloudMap: ServiceDiscoveryClient;
  const registry = { owned: '', foreign: '' };

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'resync',
      settings: { clusters: `${CLUSTER},ec2,${MARKED}`, namespaces: 'ecs-services', resyncSchedule: 'off' },
      prepare: async ({ aws, ecs }) => {
        const namespaceId = await createNamespace(aws, 'ecs-services');
        registry.owned = await createRegistry(aws, { namespaceId, name: 'orders', owner: DEFAULT_DEPLOYMENT });
        registry.foreign = await createRegistry(aws, { namespaceId, name: 'foreign' });
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const containerDefinitions = [{ name: 'orders', dockerLabels }];
        ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
      },
    });
    cloudMap = new ServiceDiscoveryClient(loopbackClientConfig(discovery.aws.endpoint));
  }, 180_000);

  afterEach(() => {
    discovery.ecs.refuse = undefined;
  });

  afterAll(() => discovery?.stop());

  const task = (number: number, service = 'orders'): Event => {
    const event = twin(fixture('real/fargate-running.json'), number.toString(16).padStart(32, 'b'));
    return replaced(event, ['10.249.47.254', `10.8.0.${number}`], ['service:orders', `service:${service}`]);
  };
  const tasks = (from: number, to: number): Event[] =>
    Array.from({ length: to - from }, (_, index) => task(from + index));
  const addresses = (...events: readonly Event[]) =>
    events.map((event) => `10.8.0.${Number.parseInt(taskId(event).replace(/^b*/, '') || '0', 16)}:8080`);
  /** ECS changes and its event is lost. */
  const changeUnheard = (...events: readonly Event[]): void => {
    for (const { detail } of events) discovery.ecs.show(detail);
  };
  const resyncOne = async (request: Json = {}): Promise<ClusterSummary | undefined> =>
    (await discovery.resync({ cluster: CLUSTER, ...request })).clusters[0];
  /** Waits until exactly these tasks are in the owned service: register works on its own. */
  const untilRegistered = (...events: readonly Event[]) =>
    until(`${events.length} instances`, async () => {
      const ids = (await discovery.instances(registry.owned)).map(({ id }) => String(id)).sort();
      return JSON.stringify(ids) === JSON.stringify(events.map(taskId).sort()) || undefined;
    });
  const state = async () => ({
    versions: await discovery.versions(CLUSTER),
    instances: await discovery.instances(registry.owned),
  });

  it('says what it would repair and changes nothing with dryRun', async () => {
    changeUnheard(...tasks(1, 6));
    const before = await state();
    const summary = await discovery.resync({ dryRun: true });
    expect(summary).toMatchObject({ dryRun: true, complete: true });
    expect(summary.clusters).toEqual([
      {
        cluster: CLUSTER,
        targets: 0,
        checked: 5,
        added: 5,
        updated: 0,
        removed: 0,
        unchanged: 0,
        ignored: 0,
        removalsHeld: 0,
        registered: 5,
        deregistered: 0,
        skipped: {},
        skippedTasks: [],
        moreSkipped: 0,
        problems: [],
        moreProblems: 0,
      },
      expect.objectContaining({ cluster: 'ec2', checked: 0 }),
      expect.objectContaining({ cluster: MARKED, checked: 0 }),
    ]);
    expect(summary.awsCalls).toBeGreaterThan(0);
    expect(summary.durationMilliseconds).toBeGreaterThanOrEqual(0);
    expect(await state()).toEqual(before);
  });

  it('publishes and registers tasks whose events were lost, over several pages', async () => {
    expect(await resyncOne()).toMatchObject({ checked: 5, added: 5, registered: 5, problems: [] });
    await discovery.untilPublished(CLUSTER, ...addresses(...tasks(1, 6)));
    await untilRegistered(...tasks(1, 6));
  });

  it('writes nothing when everything is right', async () => {
    const before = await state();
    expect(await resyncOne()).toMatchObject({ checked: 5, added: 0, removed: 0, unchanged: 5, targets: 5 });
    await untilStored(discovery);
    expect(await state()).toEqual(before);
  });

  it('removes a task whose stop nobody heard of, and one that ECS has forgotten', async () => {
    changeUnheard(stopped(task(1), { lastStatus: 'STOPPED' }));
    discovery.ecs.forget(task(2).detail);
    expect(await resyncOne()).toMatchObject({ checked: 5, removed: 2, unchanged: 3 });
    await discovery.untilPublished(CLUSTER, ...addresses(...tasks(3, 6)));
    await untilRegistered(...tasks(3, 6));
  });

  it('looks at one service alone when asked to', async () => {
    changeUnheard(task(6), task(7, 'billing'));
    expect(await resyncOne({ service: 'billing' })).toMatchObject({ checked: 1, added: 1 });
    await discovery.untilPublished(CLUSTER, ...addresses(...tasks(3, 6), task(7)));
    expect(await resyncOne()).toMatchObject({ added: 1, unchanged: 4 });
    await discovery.untilPublished(CLUSTER, ...addresses(...tasks(3, 8)));
    await untilRegistered(...tasks(3, 7));
  });

  it('repairs Cloud Map: registers what is missing, removes what stands for no task, leaves what is not its own', async () => {
    const attributes = { AWS_INSTANCE_IPV4: '10.8.9.9', ECS_CLUSTER_NAME: CLUSTER };
    const register = (ServiceId: string, InstanceId: string, change = {}) =>
      cloudMap.send(new RegisterInstanceCommand({ ServiceId, InstanceId, Attributes: { ...attributes, ...change } }));
    await cloudMap.send(new DeregisterInstanceCommand({ ServiceId: registry.owned, InstanceId: taskId(task(3)) }));
    await register(registry.owned, taskId(task(99)));
    await register(registry.owned, taskId(task(98)), { ECS_CLUSTER_NAME: 'another' });
    await register(registry.foreign, taskId(task(97)));
    const versions = await discovery.versions(CLUSTER);
    expect(await resyncOne()).toMatchObject({ registered: 1, deregistered: 1, added: 0, removed: 0, problems: [] });
    await untilRegistered(task(98), ...tasks(3, 7));
    expect(await discovery.instances(registry.foreign)).toHaveLength(1);
    expect(await discovery.versions(CLUSTER)).toEqual(versions);
  });

  describe('when ECS does not answer', () => {
    const published = () => discovery.addressesOf(CLUSTER);

    it('as a whole: keeps every target and says what failed', async () => {
      const before = await published();
      discovery.ecs.refuse = () => broken();
      const summary = await resyncOne();
      expect(summary).toMatchObject({ added: 0, removed: 0, deregistered: 0 });
      expect(summary?.problems.join()).toContain('Service Unavailable');
      expect(await published()).toEqual(before);
    });

    it('to DescribeTasks: keeps every target and names each task', async () => {
      const before = await published();
      discovery.ecs.refuse = (operation) => (operation === 'DescribeTasks' ? broken() : undefined);
      const summary = await resyncOne({ force: true });
      expect(summary).toMatchObject({ checked: before.length, removed: 0 });
      expect(summary?.problems).toHaveLength(before.length);
      expect(await published()).toEqual(before);
    });

    it('for one cluster: resyncs the others', async () => {
      discovery.ecs.refuse = (_, { cluster }) => (cluster === CLUSTER ? broken() : undefined);
      const [failed, other] = (await discovery.resync()).clusters;
      expect(failed?.problems).not.toEqual([]);
      expect(other).toMatchObject({ cluster: 'ec2', problems: [] });
    });

    it('at first, for a throttle: waits and then does all of it', async () => {
      let refusals = 0;
      discovery.ecs.refuse = (operation) => (operation === 'ListTasks' && refusals++ < 2 ? throttled() : undefined);
      expect(await resyncOne()).toMatchObject({ problems: [], unchanged: (await published()).length });
      expect(refusals).toBeGreaterThan(2);
    });
  });

  it('does not empty the monitoring when ECS suddenly knows no task, unless forced', async () => {
    const many = tasks(20, 40);
    changeUnheard(...many);
    await resyncOne();
    await discovery.untilPublished(CLUSTER, ...addresses(...tasks(3, 8), ...many));
    await untilRegistered(task(98), ...tasks(3, 7), ...many);
    const before = { addresses: await discovery.addressesOf(CLUSTER), ...(await state()) };
    expect(before.addresses).toHaveLength(25);
    for (const { detail } of [...many, ...tasks(1, 8)]) discovery.ecs.forget(detail);

    expect(await resyncOne()).toMatchObject({ removed: 0, removalsHeld: 25, deregistered: 0 });
    await untilStored(discovery);
    expect({ addresses: await discovery.addressesOf(CLUSTER), ...(await state()) }).toEqual(before);

    expect(await resyncOne({ force: true })).toMatchObject({ removed: 25, removalsHeld: 0 });
    await discovery.untilPublished(CLUSTER);
    await untilRegistered(task(98));
  });

  it('loses no task that starts or stops while it runs', async () => {
    const [stays, starts, stops] = [tasks(50, 60), tasks(60, 70), tasks(70, 80)];
    changeUnheard(...stays, ...stops);
    await resyncOne();
    await discovery.untilPublished(CLUSTER, ...addresses(...stays, ...stops));
    const resyncs = Promise.all([resyncOne(), resyncOne(), resyncOne()]);
    const moves = [...starts, ...stops.map((event) => stopped(event))];
    for (const event of moves) {
      discovery.ecs.show(event.detail);
      await discovery.send(event);
    }
    await resyncs;
    await discovery.untilPublished(CLUSTER, ...addresses(...stays, ...starts));
    await untilStored(discovery);
    expect(await resyncOne()).toMatchObject({ added: 0, removed: 0, updated: 0, problems: [] });
  });

  it('answers a payload that it does not understand with what it would', async () => {
    await expect(discovery.resync({ cluster: 'prod' })).rejects.toThrow(
      `cluster prod is not watched; watched are ${CLUSTER}, ec2, ${MARKED}`,
    );
    await expect(discovery.resync({ dryrun: true })).rejects.toThrow('Expected');
  });

  it('writes its summary into its log, as one line', async () => {
    const lines = (await discovery.logs(discovery.deployment.functions.resync)).filter(
      ({ message }) => message === 'resync',
    );
    expect(lines[0]).toMatchObject({ level: 'INFO', dryRun: true, request: { dryRun: true }, complete: true });
    expect(lines.length).toBeGreaterThan(10);
  });
});
