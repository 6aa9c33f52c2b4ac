import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DeleteServiceCommand,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createNamespace, createRegistry } from '../../infra/local/cloud-map.ts';
import { type DeployOptions, deployDiscovery, destroyDiscovery } from '../../infra/local/deployment.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { type Event, fixture, replaced, twin } from './events.ts';
import { type Inventory, inventory } from './inventory.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

const DEPLOYMENT = 'tidy';
const NAMESPACES = 'team/namespaces';

const aTask = (number: number): Event =>
  replaced(twin(fixture('real/fargate-running.json'), number.toString(16).padStart(32, 'd')), [
    '10.249.47.254',
    `10.7.0.${number}`,
  ]);

describe('the stack, as cdk deploys, updates and destroys it', () => {
  let discovery: DeployedDiscovery;
  let cloudMap: ServiceDiscoveryClient;
  let changed: DeployOptions;
  const registry = { owned: '', foreign: '' };
  const tasks = Array.from({ length: 8 }, (_, number) => aTask(number));
  const addresses = tasks.map((_, number) => `10.7.0.${number}:8080`);

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'deployment',
      settings: {
        deployment: DEPLOYMENT,
        clusters: 'dev-public',
        namespaces: 'ecs-services',
        namespacesParameter: `/${NAMESPACES}`,
      },
      prepare: async ({ aws, ecs }) => {
        const namespaceId = await createNamespace(aws, 'ecs-services');
        registry.owned = await createRegistry(aws, { namespaceId, name: 'orders', owner: DEPLOYMENT });
        registry.foreign = await createRegistry(aws, { namespaceId, name: 'foreign' });
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const containerDefinitions = [{ name: 'orders', dockerLabels }];
        ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
      },
    });
    cloudMap = new ServiceDiscoveryClient(loopbackClientConfig(discovery.aws.endpoint));
    changed = {
      ...discovery.options,
      settings: {
        ...discovery.options.settings,
        collectors: '2',
        shards: '6',
        resyncRemovalLimitPercent: '30',
        scrapeRules: '[{"service":"billing","port":9090}]',
        logRetentionDays: '7',
      },
    };
  }, 180_000);

  afterAll(() => discovery?.stop());

  const has = (): Promise<Inventory> => inventory(discovery.aws.endpoint, DEPLOYMENT);
  const environment = async (FunctionName: string) =>
    (await discovery.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).Environment?.Variables;

  it('makes some of every kind of resource', async () => {
    for (const [kind, names] of Object.entries(await has())) expect([kind, names]).not.toEqual([kind, []]);
    const value = await discovery.ssm.send(new GetParameterCommand({ Name: `/${NAMESPACES}` }));
    expect(value.Parameter?.Value).toBe('ecs-services');
  });

  it('keeps the targets and what is registered when it is deployed again with other settings', async () => {
    for (const { detail } of tasks) discovery.ecs.show(detail);
    await discovery.send(...tasks);
    await discovery.untilPublished('dev-public', ...addresses);
    await until('all instances', async () =>
      (await discovery.instances(registry.owned)).length === tasks.length ? true : undefined,
    );
    const state = async () => ({
      shards: await discovery.shards('dev-public'),
      instances: await discovery.instances(registry.owned),
    });
    const before = await state();

    const updated = await deployDiscovery(discovery.aws, changed);

    expect(await state()).toEqual(before);
    expect(updated.functions).toEqual(discovery.deployment.functions);
    const { collectors, ...others } = discovery.deployment.queues;
    expect(collectors).toEqual([]);
    expect(updated.queues).toMatchObject(others);
    expect(updated.topic).toBe(discovery.deployment.topic);
    expect(updated.queues.collectors).toHaveLength(2);
    expect(await environment(updated.functions.observe)).toMatchObject({
      DISCOVERY_SCRAPE_RULES: '[{"service":"billing","port":9090}]',
      DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT: '30',
      DISCOVERY_SHARDS: '6',
    });
  });

  it('moves the targets to where they belong when the number of shards was changed, and a resync is run', async () => {
    const byShard = async () =>
      (await discovery.shards('dev-public', 6)).map((read) => (read.kind === 'shard' ? read.shard.tasks.size : -1));
    const before = await byShard();
    expect(before.slice(4)).toEqual([0, 0]);
    await discovery.resync();
    const after = await byShard();
    expect(after.slice(4)).not.toEqual([0, 0]);
    expect(after.reduce((total, it) => total + it)).toBe(tasks.length);
  });

  it('leaves nothing behind when it is destroyed, but what was not its own', async () => {
    await cloudMap.send(
      new RegisterInstanceCommand({
        ServiceId: registry.foreign,
        InstanceId: 'theirs',
        Attributes: { AWS_INSTANCE_IPV4: '10.1.1.1' },
      }),
    );
    await destroyDiscovery(discovery.aws, changed);
    for (const [kind, names] of Object.entries(await has())) expect([kind, names]).toEqual([kind, []]);
    await expect(discovery.ssm.send(new GetParameterCommand({ Name: `/${NAMESPACES}` }))).rejects.toThrow();
    expect(await discovery.instances(registry.foreign)).toHaveLength(1);
    expect(await discovery.instances(registry.owned)).toEqual([]);
    await cloudMap.send(new DeleteServiceCommand({ Id: registry.owned }));
  });
});
