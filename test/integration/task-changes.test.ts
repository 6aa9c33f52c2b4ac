import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { createNamespace, createRegistry } from '../../infra/local/cloud-map.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { type Event, fixture, replaced, stopped, taskId, twin } from './events.ts';
import { MARKED, untilStored } from './marker.ts';
import { until } from './until.ts';

const labels = (port: number, path?: string) => ({
  ECS_PROMETHEUS_EXPORTER_PORT: String(port),
  ...(path === undefined ? {} : { ECS_PROMETHEUS_METRICS_PATH: path }),
});

const definition = (name: string) => `arn:aws:ecs:us-east-1:000000000000:task-definition/${name}`;

jest.setTimeout(60_000);

describe('the deployed discovery, told of tasks', () => {
  let discovery: DeployedDiscovery;
  let hostAddress: string;
  const registry = { orders: '', shop: '' };
  const orders = fixture('real/fargate-running.json');

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'task-changes',
      settings: {
        clusters: `dev-public,Example,ec2,v6,${MARKED}`,
        namespaces: 'ecs-services',
        scrapeRules: JSON.stringify([{ taskDefinition: 'node-exporter', port: 9100, job: 'node' }]),
        resyncSchedule: 'off',
      },
      prepare: async ({ aws, ecs }) => {
        const namespaceId = await createNamespace(aws, 'ecs-services');
        registry.orders = await createRegistry(aws, { namespaceId, name: 'orders', owner: DEFAULT_DEPLOYMENT });
        const tags = { METRICS_PORT: '9464', METRICS_PATH: '/stats' };
        registry.shop = await createRegistry(aws, { namespaceId, name: 'shop', owner: 'somebody-else', tags });
        const ec2 = new EC2Client(loopbackClientConfig(aws.endpoint));
        const run = new RunInstancesCommand({ ImageId: 'ami-1', InstanceType: 't4g.small', MinCount: 1, MaxCount: 1 });
        const [host] = (await ec2.send(run)).Instances ?? [];
        hostAddress = host?.PrivateIpAddress ?? '';
        ecs.machines.set('3d8f0a1b2c4e4f6f8a9b0c1d2e3f4a5b', host?.InstanceId ?? '');
        ecs.machines.set('9c0d1e2f3a4b4c5d8e9f0a1b2c3d4e5f', 'mi-0123456789abcdef0');
        ecs.taskDefinitions.set('orders:1', {
          networkMode: 'awsvpc',
          containerDefinitions: [{ name: 'orders_ssl' }, { name: 'orders', dockerLabels: labels(8080, '/prometheus') }],
        });
        ecs.taskDefinitions.set('shop:7', {
          networkMode: 'bridge',
          containerDefinitions: [
            { name: 'web', dockerLabels: labels(3000) },
            { name: 'exporter', dockerLabels: labels(9779) },
          ],
        });
        ecs.taskDefinitions.set('shop-v6:1', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
        ecs.taskDefinitions.set('node-exporter:7', {
          networkMode: 'host',
          containerDefinitions: [{ name: 'node-exporter' }],
        });
        ecs.taskDefinitions.set('edge:7', {
          networkMode: 'bridge',
          containerDefinitions: [{ name: 'edge', dockerLabels: labels(3000) }],
        });
      },
    });
  }, 180_000);

  afterAll(() => discovery?.stop());

  /** Sends events of tasks that ECS shows in the same state, unless told otherwise. */
  const happen = async (...events: readonly Event[]): Promise<void> => {
    for (const { detail } of events) discovery.ecs.show(detail);
    await discovery.send(...events);
  };

  it('turns a real Fargate event into a target with the labels of the reference system', async () => {
    await happen(orders);
    await discovery.untilPublished('dev-public', '10.249.47.254:8080');
    expect(await discovery.targets('dev-public')).toEqual([
      {
        targets: ['10.249.47.254:8080'],
        labels: {
          cluster: 'dev-public',
          service: 'orders',
          taskdefinition: 'orders',
          namespace: 'ecs-services',
          taskid: 'f8bec92bed774ee4b27711702a862de5',
          instance: '10.249.47.254',
          port: '8080',
          container: 'orders',
          __metrics_path__: '/prometheus',
        },
      },
    ]);
  });

  it('registers the task in the Cloud Map service that it owns, with the attributes that ECS itself writes', async () => {
    const [instance] = await until('an instance', async () => {
      const found = await discovery.instances(registry.orders);
      return found.length > 0 ? found : undefined;
    });
    expect(instance).toEqual({
      id: 'f8bec92bed774ee4b27711702a862de5',
      AWS_INSTANCE_IPV4: '10.249.47.254',
      AWS_INSTANCE_PORT: '8080',
      AVAILABILITY_ZONE: 'eu-west-2a',
      REGION: 'us-east-1',
      ECS_CLUSTER_NAME: 'dev-public',
      ECS_SERVICE_NAME: 'orders',
      ECS_TASK_DEFINITION_FAMILY: 'orders',
      METRICS_PORT: '8080',
      METRICS_PATH: '/prometheus',
    });
  });

  it('announces and writes nothing for an event that comes again and again', async () => {
    await untilStored(discovery);
    const before = await discovery.versions('dev-public');
    const announced = async () =>
      (await discovery.logs()).filter(({ message, cluster }) => message === 'announced' && cluster === 'dev-public');
    const count = (await announced()).length;
    expect(count).toBeGreaterThan(0);
    await happen(orders, orders, orders);
    await happen(orders);
    await untilStored(discovery);
    expect(await discovery.versions('dev-public')).toEqual(before);
    // Each of the function's two environments announces a task once at most.
    expect((await announced()).length).toBeLessThanOrEqual(count + 1);
  });

  it('finds the dynamic host ports of an EC2 task in bridge mode at the address of its host', async () => {
    await happen(fixture('made/ec2-bridge-running.json'));
    await discovery.untilPublished('ec2', `${hostAddress}:32771`, `${hostAddress}:32772`);
    const byContainer = (await discovery.targets('ec2')).map(({ targets, labels: { container } }) => [
      container,
      ...targets,
    ]);
    expect(byContainer.sort()).toEqual([
      ['exporter', `${hostAddress}:32772`],
      ['web', `${hostAddress}:32771`],
    ]);
  });

  it('scrapes a task in host mode by a rule of the settings', async () => {
    await happen(fixture('made/ec2-host-running.json'));
    await discovery.untilPublished('ec2', `${hostAddress}:32771`, `${hostAddress}:32772`, `${hostAddress}:9100`);
    const found = (await discovery.targets('ec2')).find(({ labels: { job } }) => job === 'node');
    expect(found?.targets).toEqual([`${hostAddress}:9100`]);
  });

  it('says why a task on an external machine is not scraped', async () => {
    const event = fixture('made/external-running.json');
    await happen(event);
    const line = await discovery.untilLogged({ taskId: taskId(event) });
    expect(line).toMatchObject({ level: 'WARN', message: 'task is not scraped', cluster: 'ec2', reason: 'no-address' });
    await untilStored(discovery);
    expect(await discovery.addressesOf('ec2')).toHaveLength(3);
  });

  it('scrapes an IPv6 task by the tags of a Cloud Map service that is not its own, and registers nothing there', async () => {
    await happen(
      fixture('made/fargate-ipv6-running.json', (detail) => ({
        ...detail,
        taskDefinitionArn: definition('shop-v6:1'),
      })),
    );
    await until('a target', async () => ((await discovery.targets('v6')).length > 0 ? true : undefined));
    const [target] = await discovery.targets('v6');
    expect(target?.targets[0]).toMatch(/^\[[0-9a-f:]+\]:9464$/);
    expect(target?.labels).toMatchObject({ namespace: 'ecs-services', __metrics_path__: '/stats' });
    await untilStored(discovery);
    expect(await discovery.instances(registry.shop)).toEqual([]);
  });

  it('takes the cluster of a task with an old ARN from the ARN of its cluster', async () => {
    const id = 'e1ed7aac-d9b2-4315-8726-d2432bf11868';
    const old = fixture('real/fargate-running.json', (detail) => {
      const text = JSON.stringify(detail);
      return JSON.parse(text.replaceAll('dev-public/f8bec92bed774ee4b27711702a862de5', id).replaceAll('47.254', '0.9'));
    });
    expect(old.detail['taskArn']).toBe(`arn:aws:ecs:us-east-1:000000000000:task/${id}`);
    await happen(old);
    await discovery.untilPublished('dev-public', '10.249.0.9:8080', '10.249.47.254:8080');
    await happen(stopped(old));
    await discovery.untilPublished('dev-public', '10.249.47.254:8080');
  });

  it('ignores what it does not know in an event', async () => {
    const event = fixture('made/ec2-bridge-running.json', (detail) => ({
      ...detail,
      tomorrow: { nested: [1, { two: null }] },
      launchType: 'MANAGED_INSTANCES',
      attachments: [{ type: 'ServiceConnect', status: 'ATTACHED', details: [{ name: 'x' }] }, { id: 'only' }],
      containers: [
        ...(detail['containers'] as object[]).map((it) => ({ ...it, mood: 'good', networkInterfaces: null })),
        { name: 'injected-sidecar-without-image' },
      ],
    }));
    await happen(twin(event, '1'.repeat(32)));
    await until('its targets', async () =>
      (await discovery.targets('ec2')).filter(({ labels: { taskid } }) => taskid === '1'.repeat(32)).length === 2
        ? true
        : undefined,
    );
  });

  it('removes the target and the instance at the first sign of a stop, a running task that is meant to stop', async () => {
    const stop = stopped(orders);
    expect(stop.detail).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' });
    await happen(stop);
    await discovery.untilPublished('dev-public');
    await until('no instance', async () =>
      (await discovery.instances(registry.orders)).length === 0 ? true : undefined,
    );
  });

  it('does not bring a stopped task back for an old event, not even while ECS still shows it running', async () => {
    const before = await discovery.versions('dev-public');
    discovery.ecs.show(orders.detail);
    await discovery.send(orders);
    await untilStored(discovery);
    discovery.ecs.show(stopped(orders).detail);
    await discovery.send(orders);
    await untilStored(discovery);
    expect(await discovery.addressesOf('dev-public')).toEqual([]);
    expect(await discovery.versions('dev-public')).toEqual(before);
  });

  it('ends in the same state when the events of a task come in reverse', async () => {
    const event = twin(orders, '2'.repeat(32));
    discovery.ecs.show(stopped(event).detail);
    await discovery.send(stopped(event, { lastStatus: 'STOPPED', version: 9 }));
    await untilStored(discovery);
    await discovery.send(stopped(event), event);
    await untilStored(discovery);
    expect(await discovery.addressesOf('dev-public')).toEqual([]);
  });

  it('writes nothing for the stop of a task that it never published', async () => {
    const before = await discovery.versions('Example');
    await happen(fixture('real/fargate-stopped.json'));
    await untilStored(discovery);
    expect(await discovery.versions('Example')).toEqual(before);
  });

  it('announces a stop while ECS answers nothing', async () => {
    const event = replaced(twin(orders, '3'.repeat(32)), ['10.249.47.254', '10.249.0.3']);
    await happen(event);
    await discovery.untilPublished('dev-public', '10.249.0.3:8080');
    discovery.ecs.refuse = () => new Promise(() => {});
    await discovery.send(stopped(event));
    await discovery.untilPublished('dev-public');
    discovery.ecs.refuse = undefined;
  });

  it('publishes many tasks that start at once with far fewer writes than tasks', async () => {
    const before = await discovery.versions('dev-public');
    const many = Array.from({ length: 60 }, (_, index) =>
      replaced(twin(orders, index.toString(16).padStart(32, 'c')), ['10.249.47.254', `10.249.1.${index}`]),
    );
    for (const { detail } of many) discovery.ecs.show(detail);
    for (let sent = 0; sent < many.length; sent += 10) await discovery.send(...many.slice(sent, sent + 10));
    await discovery.untilPublished('dev-public', ...many.map((_, index) => `10.249.1.${index}:8080`));
    const written = sum(await discovery.versions('dev-public')) - sum(before);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(many.length / 2);
    await until('60 instances', async () =>
      (await discovery.instances(registry.orders)).length === many.length ? true : undefined,
    );
  });
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, it) => total + it, 0);
