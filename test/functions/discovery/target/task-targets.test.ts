import { describe, expect, it } from '@jest/globals';
import type { ScrapeEndpoint } from '../../../../functions/discovery/selection/scrape-endpoint.ts';
import { scrapeAddress, scrapePorts, usesHostAddress } from '../../../../functions/discovery/target/address.ts';
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
const HOST_IPV6 = '2001:db8::7';

const portsOf = (changes: Partial<ScrapeEndpoint>, task = bridge, address = HOST) =>
  scrapePorts(task, 'bridge', endpoint(changes), address);

/** A task in bridge mode with these bindings, by container. */
const bound = (containers: Record<string, object[]>) =>
  aTask({
    host: 'h1',
    containers: Object.entries(containers).map(([name, networkBindings]) => ({ name, networkBindings })),
  });

describe('where a task answers', () => {
  it('awsvpc: on its own address and the container’s port', () => {
    const task = aTask({ address: '10.0.0.5' });
    expect(scrapeAddress(task, 'awsvpc', HOST)).toBe('10.0.0.5');
    expect(scrapePorts(task, 'awsvpc', endpoint(), '10.0.0.5')).toEqual([{ port: 3000 }]);
  });

  it('host mode: on the address of its host and the container’s port', () => {
    expect(scrapeAddress(aTask({ host: 'h1' }), 'host', HOST)).toBe(HOST);
    expect(scrapePorts(aTask({ host: 'h1' }), 'host', endpoint(), HOST)).toEqual([{ port: 3000 }]);
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
    expect(portsOf({ containerPort, ...(container && { container }) })).toEqual([{ port }]);
  });

  it.each([32771, 49158])('bridge mode: on port %i of the host, where that is what the task is known by', (port) => {
    expect(portsOf({ containerPort: port })).toEqual([{ port }]);
    expect(portsOf({ containerPort: port, container: 'web' })).toMatchObject({ reason: 'no-host-port' });
  });

  it.each([
    [8999, undefined],
    [9006, 'web'],
    [9779, 'web'],
    [3000, 'sidecar'],
  ])(
    'bridge mode: nowhere for container port %i of container %p, which is not published',
    (containerPort, container) => {
      expect(portsOf({ containerPort, ...(container && { container }) })).toEqual({
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
    ['mesh', 'network-mode'],
  ] as const)('%s: nowhere without an address, because of %s', (mode, reason) => {
    expect(scrapeAddress(aTask({ host: 'h1' }), mode, undefined)).toMatchObject({ reason });
  });

  it('a network mode that is not known: nowhere, by its name', () => {
    expect(scrapeAddress(aTask(), 'mesh', HOST)).toEqual({
      reason: 'network-mode',
      message: 'a task in network mode "mesh" cannot be scraped',
    });
  });

  describe('bridge mode, where a port is published more than once', () => {
    const binding = (hostPort: number, changes: object = {}) => ({
      ...{ bindIP: '0.0.0.0', containerPort: 9125, hostPort, protocol: 'tcp' },
      ...changes,
    });

    it('on the port for TCP, wherever it stands', () => {
      const task = bound({ web: [binding(32_800, { protocol: 'udp' }), binding(32_801)] });
      expect(portsOf({ containerPort: 9125 }, task)).toEqual([{ port: 32_801 }]);
    });

    it('nowhere, if it is published for UDP alone', () => {
      const task = bound({ web: [binding(32_800, { protocol: 'udp' })] });
      const rejection = { reason: 'no-host-port', message: expect.not.stringContaining('undefined') };
      expect(portsOf({ containerPort: 9125 }, task)).toEqual(rejection);
      expect(portsOf({ containerPort: 32_800 }, task)).toEqual(rejection);
    });

    it('on the port of the address’ family', () => {
      const task = bound({ web: [binding(32_802, { bindIP: '::' }), binding(32_801)] });
      expect(portsOf({ containerPort: 9125 }, task)).toEqual([{ port: 32_801 }]);
      expect(portsOf({ containerPort: 9125 }, task, HOST_IPV6)).toEqual([{ port: 32_802 }]);
    });

    it('on the port of the other family, if there is no other', () => {
      const task = bound({ web: [binding(32_801)] });
      expect(portsOf({ containerPort: 9125 }, task, HOST_IPV6)).toEqual([{ port: 32_801 }]);
    });

    it('on the port of each container, if only the task is known', () => {
      const task = bound({ a: [binding(32_811)], b: [binding(32_812)], c: [] });
      expect(portsOf({ containerPort: 9125 }, task)).toEqual([
        { port: 32_811, container: 'a' },
        { port: 32_812, container: 'b' },
      ]);
      expect(portsOf({ containerPort: 9125, container: 'b' }, task)).toEqual([{ port: 32_812 }]);
    });
  });

  it('is looked up by the host in bridge and host mode alone', () => {
    const modes = ['awsvpc', 'bridge', 'host', 'none', 'mesh'];
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
    const requested = endpoint({ container: 'web', job: 'jvm', scheme: 'https', path: '/stats' });
    expect(targetsOfTask(task, 'awsvpc', [requested], {}).targets?.targets).toEqual([
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

  it('are one where several containers claim an address and port: that of the port mapping, else the first', () => {
    const claims = [
      endpoint({ container: 'web', job: 'web', labels: { team: 'a', env: 'x' } }),
      endpoint({ container: 'exporter', isMapped: true, labels: { team: 'b' } }),
      endpoint({ container: 'last', job: 'last' }),
    ];
    const [mapped, ...others] = targetsOfTask(task, 'awsvpc', claims, {}).targets?.targets ?? [];
    expect(mapped?.labels).toEqual({
      __metrics_path__: '/metrics',
      container: 'exporter',
      job: 'web',
      env: 'x',
      team: 'b',
    });
    expect(others).toEqual([]);
    const unmapped = claims.map(({ isMapped, ...claim }) => claim);
    expect(targetsOfTask(task, 'awsvpc', unmapped, {}).targets?.targets[0]?.labels['container']).toBe('web');
  });

  it('carry the parameters of their request, and differ by them', () => {
    const endpoints = [
      endpoint({ params: { module: 'b' } }),
      endpoint({ params: { module: 'a', x: '1' } }),
      endpoint({ params: { x: '1', module: 'a' } }),
    ];
    const sorted = [
      { port: 3000, labels: { __metrics_path__: '/metrics', __param_module: 'a', __param_x: '1' } },
      { port: 3000, labels: { __metrics_path__: '/metrics', __param_module: 'b' } },
    ];
    expect(targetsOfTask(task, 'awsvpc', endpoints, {}).targets?.targets).toEqual(sorted);
    expect(targetsOfTask(task, 'awsvpc', endpoints.toReversed(), {}).targets?.targets).toEqual(sorted);
  });

  it('name the container where several answer to one endpoint', () => {
    const ports = (hostPort: number) => [{ containerPort: 3000, hostPort, protocol: 'tcp' }];
    const found = targetsOfTask(bound({ a: ports(32_811), b: ports(32_812) }), 'bridge', [endpoint()], {
      hostAddress: HOST,
    });
    expect(found.targets?.targets).toEqual([
      { port: 32_811, labels: { __metrics_path__: '/metrics', container: 'a' } },
      { port: 32_812, labels: { __metrics_path__: '/metrics', container: 'b' } },
    ]);
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
      serviceId: 'srv-1',
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

  it.each([
    ['/métriques', '/m%C3%A9triques'],
    ['/a b\tc', '/a b%09c'],
    ['/\ud800', '/%EF%BF%BD'],
    [`/${'x'.repeat(1023)}`, `/${'x'.repeat(1023)}`],
  ])('has its path in the characters that Cloud Map takes: %j', (path, written) => {
    expect(register({}, [endpoint({ path })]).attributes).toMatchObject({ METRICS_PATH: written });
  });

  it('has no path that Cloud Map would refuse for its length, which is counted as it is sent', () => {
    const { attributes } = register({}, [endpoint({ path: `/${'é'.repeat(180)}` })]);
    expect(attributes).not.toHaveProperty('METRICS_PATH');
    expect(attributes).toMatchObject({ METRICS_PORT: '3000' });
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
