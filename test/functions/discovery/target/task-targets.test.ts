import { describe, expect, it } from '@jest/globals';
import type { ScrapeEndpoint } from '../../../../functions/discovery/selection/scrape-endpoint.ts';
import { scrapeAddress, scrapePort, usesHostAddress } from '../../../../functions/discovery/target/address.ts';
import { isOfCluster, isRegistered, registrationOf } from '../../../../functions/discovery/target/registration.ts';
import { targetsOfTask } from '../../../../functions/discovery/target/task-targets.ts';
import { parseTaskEvent } from '../../../../functions/discovery/task/task-event.ts';
import { aTask, recordedEvent } from '../../../factories/tasks.ts';

const endpoint = (changes: Partial<ScrapeEndpoint> = {}): ScrapeEndpoint => ({
  containerPort: 3000,
  path: '/metrics',
  scheme: 'http',
  ...changes,
});

const bridge = parseTaskEvent(recordedEvent('made/ec2-bridge-running')).task;
const HOST = '172.31.0.7';

describe('where a task answers', () => {
  it('awsvpc: on its own address and the container’s port', () => {
    const task = aTask({ address: '10.0.0.5' });
    expect(scrapeAddress(task, 'awsvpc', HOST)).toBe('10.0.0.5');
    expect(scrapePort(task, 'awsvpc', endpoint())).toBe(3000);
  });

  it('host mode: on the address of its host and the container’s port', () => {
    expect(scrapeAddress(aTask({ host: 'h1' }), 'host', HOST)).toBe(HOST);
    expect(scrapePort(aTask({ host: 'h1' }), 'host', endpoint())).toBe(3000);
  });

  it.each([
    [3000, undefined, 32771],
    [3000, 'web', 32771],
    [9779, undefined, 32772],
    [9779, 'exporter', 32772],
    [9000, 'web', 49153],
    [9005, undefined, 49158],
  ])('bridge mode: container port %i of container %p on the host’s port %i', (containerPort, container, port) => {
    expect(scrapeAddress(bridge, 'bridge', HOST)).toBe(HOST);
    expect(scrapePort(bridge, 'bridge', endpoint({ containerPort, ...(container && { container }) }))).toBe(port);
  });

  it.each([32771, 49158])('bridge mode: on port %i of the host, where that is what the task is known by', (port) => {
    expect(scrapePort(bridge, 'bridge', endpoint({ containerPort: port }))).toBe(port);
    expect(scrapePort(bridge, 'bridge', endpoint({ containerPort: port, container: 'web' }))).toMatchObject({
      reason: 'no-host-port',
    });
  });

  it.each([
    [8999, undefined],
    [9006, 'web'],
    [9779, 'web'],
    [3000, 'sidecar'],
  ])(
    'bridge mode: nowhere for container port %i of container %p, which is not published',
    (containerPort, container) => {
      expect(scrapePort(bridge, 'bridge', endpoint({ containerPort, ...(container && { container }) }))).toEqual({
        reason: 'no-host-port',
        message: `container port ${containerPort} is not published on the host: add it to portMappings`,
      });
    },
  );

  it.each([
    ['awsvpc', 'no-address'],
    ['bridge', 'no-address'],
    ['host', 'no-address'],
    ['none', 'network-mode'],
    ['other', 'network-mode'],
  ] as const)('%s: nowhere without an address, because of %s', (mode, reason) => {
    expect(scrapeAddress(aTask({ host: 'h1' }), mode, undefined)).toMatchObject({ reason });
  });

  it('is looked up by the host in bridge and host mode alone', () => {
    const modes = ['awsvpc', 'bridge', 'host', 'none', 'other'] as const;
    expect(modes.filter(usesHostAddress)).toEqual(['bridge', 'host']);
  });
});

describe('the targets of a task', () => {
  const task = aTask({ number: 7, version: 4 });

  it('carry the labels of the reference system, and no others that were not asked for', () => {
    expect(targetsOfTask(task, 'awsvpc', [endpoint()], { namespace: 'ecs-services' })).toEqual({
      rejections: [],
      targets: {
        taskId: task.id,
        version: 4,
        address: '10.0.0.7',
        labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop', namespace: 'ecs-services' },
        targets: [{ port: 3000, labels: { __metrics_path__: '/metrics' } }],
      },
    });
  });

  it('have no service where the task stands alone, and no namespace where Cloud Map is not used', () => {
    const alone = aTask({ service: undefined });
    expect(targetsOfTask(alone, 'awsvpc', [endpoint()], {}).targets?.labels).toEqual({
      cluster: 'prod',
      taskdefinition: 'shop',
    });
  });

  it('name container, job and https where the endpoint does', () => {
    const wish = endpoint({ container: 'web', job: 'jvm', scheme: 'https', path: '/stats' });
    expect(targetsOfTask(task, 'awsvpc', [wish], {}).targets?.targets).toEqual([
      { port: 3000, labels: { __metrics_path__: '/stats', __scheme__: 'https', container: 'web', job: 'jvm' } },
    ]);
  });

  it('are sorted by port and path, whatever the order of the endpoints', () => {
    const endpoints = [
      endpoint({ containerPort: 10_000 }),
      endpoint({ containerPort: 80, path: '/b' }),
      endpoint({ containerPort: 9779 }),
      endpoint({ containerPort: 80, path: '/a' }),
    ];
    const sorted = [
      { port: 80, labels: { __metrics_path__: '/a' } },
      { port: 80, labels: { __metrics_path__: '/b' } },
      { port: 9779, labels: { __metrics_path__: '/metrics' } },
      { port: 10_000, labels: { __metrics_path__: '/metrics' } },
    ];
    expect(targetsOfTask(task, 'awsvpc', endpoints, {}).targets?.targets).toEqual(sorted);
    expect(targetsOfTask(task, 'awsvpc', endpoints.toReversed(), {}).targets?.targets).toEqual(sorted);
  });

  it('are not there twice when two names of labels ask for the same', () => {
    const both = [endpoint({ container: 'web' }), endpoint({ container: 'web' })];
    expect(targetsOfTask(task, 'awsvpc', both, {}).targets?.targets).toHaveLength(1);
  });

  it('are those that can be reached; the others are reasons', () => {
    const endpoints = [endpoint(), endpoint({ containerPort: 9100 })];
    const { targets, rejections } = targetsOfTask(bridge, 'bridge', endpoints, { hostAddress: HOST });
    expect(targets?.targets.map(({ port }) => port)).toEqual([32771]);
    expect(rejections.map(({ reason }) => reason)).toEqual(['no-host-port']);
  });

  it('are none where none can be reached', () => {
    const unreachable = targetsOfTask(bridge, 'bridge', [endpoint({ containerPort: 1 })], { hostAddress: HOST });
    expect(unreachable).toEqual({ rejections: [expect.objectContaining({ reason: 'no-host-port' })] });
    const unknown = targetsOfTask(bridge, 'bridge', [endpoint()], { hostAddress: undefined });
    expect(unknown).toEqual({ rejections: [expect.objectContaining({ reason: 'no-address' })] });
    expect(targetsOfTask(task, 'awsvpc', [], {})).toEqual({
      rejections: [{ reason: 'not-selected', message: 'nothing selects the task' }],
    });
  });
});

describe('the registration of a task', () => {
  const register = (options: Parameters<typeof aTask>[0], endpoints = [endpoint()]) => {
    const task = aTask(options);
    const { targets } = targetsOfTask(task, 'awsvpc', endpoints, {});
    if (!targets) throw new Error('no targets');
    return registrationOf('srv-1', task, targets);
  };

  it('has the attributes of ECS’s own, and how to scrape the first of its targets', () => {
    const endpoints = [endpoint({ containerPort: 9779, path: '/ecs' }), endpoint({ path: '/stats' })];
    expect(register({ number: 3 }, endpoints)).toEqual({
      registryId: 'srv-1',
      instanceId: '00000000000000000000000000000003',
      attributes: {
        AWS_INSTANCE_IPV4: '10.0.0.3',
        AWS_INSTANCE_PORT: '3000',
        AVAILABILITY_ZONE: 'eu-west-1a',
        REGION: 'eu-west-1',
        ECS_CLUSTER_NAME: 'prod',
        ECS_SERVICE_NAME: 'shop',
        ECS_TASK_DEFINITION_FAMILY: 'shop',
        METRICS_PORT: '3000',
        METRICS_PATH: '/stats',
      },
    });
  });

  it('has an IPv6 address where the task has no other', () => {
    const { attributes } = register({ address: '2001:db8::7' });
    expect(attributes).toMatchObject({ AWS_INSTANCE_IPV6: '2001:db8::7' });
    expect(attributes).not.toHaveProperty('AWS_INSTANCE_IPV4');
  });

  it('stands, whatever Cloud Map adds to it, until one of its attributes differs', () => {
    const wanted = register({});
    const actual = (changes: Record<string, string>) => ({
      instanceId: wanted.instanceId,
      attributes: { ...wanted.attributes, AWS_INIT_HEALTH_STATUS: 'HEALTHY', ...changes },
    });
    expect(isRegistered(wanted, actual({}))).toBe(true);
    expect(isRegistered(wanted, actual({ AWS_INSTANCE_IPV4: '10.0.0.99' }))).toBe(false);
    expect(isRegistered(wanted, { instanceId: wanted.instanceId, attributes: {} })).toBe(false);
  });

  it('tells of which cluster it is', () => {
    const instance = { instanceId: 'x', attributes: { ...register({}).attributes } };
    expect(isOfCluster(instance, 'prod')).toBe(true);
    expect(isOfCluster(instance, 'staging')).toBe(false);
    expect(isOfCluster({ instanceId: 'x', attributes: {} }, 'prod')).toBe(false);
  });
});
