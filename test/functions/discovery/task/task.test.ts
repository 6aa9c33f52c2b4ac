import { describe, expect, it } from '@jest/globals';
import {
  isRunning,
  isStopped,
  lastPartOfArn,
  MalformedTask,
  newer,
  parseTask,
  type Task,
} from '../../../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../../../functions/discovery/task/task-event.ts';
import {
  aTask,
  describedTask,
  recordedDetail,
  recordedEvent,
  type TaskOptions,
  taskArn,
  taskDetail,
} from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const recorded = (name: string): Task => parseTaskEvent(recordedEvent(name)).task;

describe('a recorded event', () => {
  it('of a Fargate task that runs', () => {
    const bound = { networkBindings: [] };
    expect(parseTaskEvent(recordedEvent('real/fargate-running'))).toEqual({
      time: Date.parse('2023-11-24T11:09:23Z'),
      task: {
        arn: 'arn:aws:ecs:eu-west-2:111122223333:task/dev-public/f8bec92bed774ee4b27711702a862de5',
        id: 'f8bec92bed774ee4b27711702a862de5',
        clusterArn: 'arn:aws:ecs:eu-west-2:111122223333:cluster/dev-public',
        cluster: 'dev-public',
        region: 'eu-west-2',
        account: '111122223333',
        group: 'service:orders',
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        startedBy: 'ecs-svc/7617799119934277582',
        subnetId: 'subnet-009c35c0ed8a54136',
        version: 5,
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        started: true,
        service: 'orders',
        taskDefinitionArn: 'arn:aws:ecs:eu-west-2:111122223333:task-definition/orders:1',
        family: 'orders',
        availabilityZone: 'eu-west-2a',
        address: '10.249.47.254',
        containers: ['orders_log_router', 'orders_ssl', 'orders', 'orders_cwagent'].map((name) => ({ name, ...bound })),
      },
    });
  });

  it('of a Fargate task that was stopped', () => {
    expect(recorded('real/fargate-stopped')).toMatchObject({
      id: 'cdd887a827a4432db19f6059310a4817',
      version: 9,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      started: true,
      stoppingAt: Date.parse('2024-11-13T21:21:58.645Z'),
      address: '172.31.68.200',
    });
  });

  it('in bridge mode: bindings for IPv4 and IPv6 alike, and of a port range', () => {
    const task = recorded('made/ec2-bridge-running');
    expect(task.address).toBeUndefined();
    expect(task.containerInstanceArn).toMatch(/:container-instance\/ec2\/3d8f0a1b2c4e4f6f8a9b0c1d2e3f4a5b$/);
    expect(task.containers).toEqual([
      {
        name: 'web',
        networkBindings: [
          { containerPort: 3000, hostPort: 32771 },
          { containerPort: 3000, hostPort: 32771, isIpv6: true },
          { containerPort: 9000, hostPort: 49153, count: 6 },
        ],
      },
      {
        name: 'exporter',
        networkBindings: [
          { containerPort: 9779, hostPort: 32772 },
          { containerPort: 9779, hostPort: 32772, isIpv6: true },
        ],
      },
    ]);
  });

  it('in host mode: neither an address nor bindings, but its host', () => {
    const task = recorded('made/ec2-host-running');
    expect(task.address).toBeUndefined();
    expect(task.containers).toEqual([{ name: 'node-exporter', networkBindings: [] }]);
    expect(task.containerInstanceArn).toBeDefined();
  });

  it('of ECS Anywhere: a host, whatever kind it is', () => {
    expect(recorded('made/external-running')).toMatchObject({ service: 'edge', lastStatus: 'RUNNING' });
    expect(recorded('made/external-running').containerInstanceArn).toBeDefined();
  });

  it('in an IPv6-only subnet', () => {
    expect(recorded('made/fargate-ipv6-running').address).toBe('2001:db8:1234:1a00:9691:9503:25ad:1761');
  });
});

describe('what accounts send that the recorded events do not show', () => {
  const running = recordedDetail('real/fargate-running');

  it('ARNs without the name of the cluster, as old accounts have them', () => {
    const task = parseTask({
      ...running,
      clusterArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/dev-public',
      taskArn: 'arn:aws:ecs:us-east-1:111122223333:task/b99d40b3-5176-4f71-9a52-9dbd6f1cebef',
      containerInstanceArn:
        'arn:aws:ecs:us-east-1:111122223333:container-instance/b54a2a04-046f-4331-9d74-3f6d7f6ca315',
    });
    expect(task).toMatchObject({
      id: 'b99d40b3-5176-4f71-9a52-9dbd6f1cebef',
      cluster: 'dev-public',
      region: 'us-east-1',
    });
  });

  it.each([
    ['service:orders', 'orders'],
    ['service:a:b', 'a:b'],
    ['family:orders', undefined],
    ['nightly-batch', undefined],
    ['my-service:orders', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('the group %p is of the service %p', (group, service) => {
    expect(parseTask({ ...running, group }).service).toBe(service);
  });

  it('other partitions', () => {
    const inChina = JSON.stringify(running).replaceAll('arn:aws:', 'arn:aws-cn:').replaceAll('eu-west-2', 'cn-north-1');
    expect(parseTask(JSON.parse(inChina))).toMatchObject({ region: 'cn-north-1', cluster: 'dev-public' });
  });

  it('fields that are new, and containers that somebody injected without an image', () => {
    const unknown = { faultInjection: { on: true }, launchType: 'MANAGED_INSTANCES', capacityProviderName: 'default' };
    const injected = { name: 'aws-guardduty-agent-x', lastStatus: 'RUNNING', gpuIds: [] };
    const containers = [...(running['containers'] as object[]), injected];
    expect(parseTask({ ...running, ...unknown, containers })).toEqual({
      ...parseTask(running),
      launchType: 'MANAGED_INSTANCES',
      containers: [...parseTask(running).containers, { name: injected.name, networkBindings: [] }],
    });
  });

  it.each(['attachments', 'containers', 'group', 'availabilityZone', 'startedAt', 'overrides', 'attributes'])(
    'no %s',
    (field) => {
      const { [field]: _, ...rest } = running;
      expect(parseTask(rest).id).toBe('f8bec92bed774ee4b27711702a862de5');
      expect(parseTask({ ...running, [field]: null }).id).toBe('f8bec92bed774ee4b27711702a862de5');
    },
  );

  it('an interface that has no address yet, and then the one its containers tell', () => {
    const attachments = [{ type: 'eni', details: [{ name: 'privateIPv4Address', value: '' }] }];
    const containers = [{ name: 'web', networkInterfaces: [{ privateIpv4Address: '10.0.0.9' }] }];
    expect(parseTask({ ...running, attachments, containers: [] }).address).toBeUndefined();
    expect(parseTask({ ...running, attachments, containers }).address).toBe('10.0.0.9');
  });

  it('an address that is a name, as if there was none: a target is scraped at an address', () => {
    const attachments = [{ type: 'eni', details: [{ name: 'privateIPv4Address', value: 'web.internal' }] }];
    expect(parseTask({ ...running, attachments, containers: [] }).address).toBeUndefined();
  });

  it.each([
    { containerPort: 80, hostPort: 70_000 },
    { containerPort: 80, hostPort: 1.5 },
    { containerPort: -80, hostPort: 32_768 },
    { containerPortRange: '80-81', hostPortRange: '65535-65536' },
    { containerPortRange: '81-80', hostPortRange: '32769-32768' },
  ])('a binding of ports that there are not, as if there was none: %j', (binding) => {
    const containers = [{ name: 'web', networkBindings: [binding, { containerPort: 90, hostPort: 32_790 }] }];
    const [web] = parseTask({ ...running, containers }).containers;
    expect(web?.networkBindings).toEqual([{ containerPort: 90, hostPort: 32_790 }]);
  });

  it('several addresses of one task: IPv4 where there is one', () => {
    const containers = [
      { name: 'web', networkInterfaces: [{ ipv6Address: '2001:db8::1' }, { privateIpv4Address: '10.0.0.9' }] },
    ];
    expect(parseTask({ ...running, attachments: [], containers }).address).toBe('10.0.0.9');
  });

  it('bindings that say too little', () => {
    const networkBindings = [
      { bindIP: '0.0.0.0', protocol: 'tcp' },
      { containerPort: 3000 },
      { containerPortRange: '9000-9005' },
      { containerPortRange: '9000', hostPortRange: 'x-y' },
    ];
    expect(parseTask({ ...running, containers: [{ name: 'web', networkBindings }] }).containers).toEqual([
      { name: 'web', networkBindings: [] },
    ]);
  });

  it('addresses of attachments that are not the task’s own interface', () => {
    const details = [{ name: 'privateIPv4Address', value: '10.9.9.9' }];
    const attachments = ['sdi', 'elb', 'Service Connect'].map((type) => ({ type, details }));
    expect(parseTask({ ...running, attachments, containers: [] }).address).toBeUndefined();
  });
});

describe('a task', () => {
  const shapes: [string, TaskOptions][] = [
    ['runs', {}],
    ['is about to stop', { desiredStatus: 'STOPPED', stoppingAt: '2026-11-25T04:10:00.000Z', version: 4 }],
    ['stopped', { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppingAt: '2026-11-25T04:10:00.123Z' }],
    ['is still being made', { lastStatus: 'PROVISIONING', startedAt: undefined }],
    [
      'is on a host',
      { host: 'h1', containers: [{ name: 'web', networkBindings: [{ containerPort: 1, hostPort: 2 }] }] },
    ],
    ['stands alone', { service: undefined }],
  ];

  it.each(shapes)('that %s is the same from an event and from DescribeTasks, which tells its health', (_, options) => {
    const described = describedTask(options);
    const task = parseTask(taskDetail(options));
    expect(parseTask(described)).toEqual(task);
    expect(parseTask({ ...described, healthStatus: 'HEALTHY' })).toEqual({ ...task, healthStatus: 'HEALTHY' });
  });

  it.each<[string, TaskOptions, boolean, boolean]>([
    ['RUNNING, meant to run', {}, true, false],
    ['RUNNING, meant to stop', { desiredStatus: 'STOPPED' }, false, true],
    ['DEPROVISIONING', { lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED' }, false, true],
    ['STOPPED', { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }, false, true],
    ['STOPPED while meant to run', { lastStatus: 'STOPPED' }, false, true],
    ['ACTIVATING', { lastStatus: 'ACTIVATING' }, false, false],
  ])('%s', (_, options, running, isStopping) => {
    const task = aTask(options);
    expect([isRunning(task), isStopped(task)]).toEqual([running, isStopping]);
  });

  it('that stopped before it ran never started', () => {
    expect(aTask({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', startedAt: undefined }).started).toBe(false);
    expect(aTask({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }).started).toBe(true);
  });
});

describe('of two observations of a task', () => {
  const observation = fc
    .record({
      version: fc.integer({ min: 1, max: 4 }),
      desiredStatus: fc.constantFrom('RUNNING', 'STOPPED'),
      lastStatus: fc.constantFrom('PENDING', 'RUNNING', 'STOPPED'),
    })
    .map((options) => aTask(options));

  it('the newer one wins', () => {
    const older = aTask({ version: 3, lastStatus: 'PENDING' });
    const later = aTask({ version: 4 });
    expect(newer(older, later)).toBe(later);
    expect(newer(later, older)).toBe(later);
  });

  it('of the same version the second wins, as DescribeTasks tells more than the event before it', () => {
    const [event, described] = [aTask(), parseTask(describedTask())];
    expect(newer(event, described)).toBe(described);
  });

  it('a stop wins over any version', () => {
    const stop = aTask({ version: 4, desiredStatus: 'STOPPED' });
    const confused = aTask({ version: 9 });
    expect(newer(stop, confused)).toBe(stop);
    expect(newer(confused, stop)).toBe(stop);
  });

  it('the same one wins in whatever order any number of them arrives', () => {
    const verdict = (task: Task) => [isStopped(task), task.version];
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (seen, order) => {
        const shuffled = seen.map((task) => ({ task, at: order.next().value })).sort((a, b) => a.at - b.at);
        const inOrder = seen.reduce(newer);
        expect(verdict(shuffled.map(({ task }) => task).reduce(newer))).toEqual(verdict(inOrder));
        expect(isStopped(inOrder)).toBe(seen.some(isStopped));
      }),
    );
  });
});

describe('what is not a task', () => {
  const detail = taskDetail();

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the task itself'],
    ['text', 'hunter2', 'the task itself'],
    ['a task without an ARN', { ...detail, taskArn: undefined }, 'taskArn'],
    ['a task with the ARN of something else', { ...detail, taskArn: detail.clusterArn }, 'taskArn'],
    [
      'a task with an id that ECS would refuse, and the batch with it',
      { ...detail, taskArn: `${detail.taskArn} x` },
      'taskArn',
    ],
    ['a task with too long an ARN', { ...detail, taskArn: `${detail.taskArn}/hunter2` }, 'taskArn'],
    ['a task without a cluster', { ...detail, clusterArn: 'hunter2' }, 'clusterArn'],
    ['a task definition without a revision', { ...detail, taskDefinitionArn: 'arn:aws:ecs:x' }, 'taskDefinitionArn'],
    ['a version that is text', { ...detail, version: '3' }, 'version'],
    ['a version with a fraction', { ...detail, version: 3.5 }, 'version'],
    ['a version below 0', { ...detail, version: -1 }, 'version'],
    ['a task with an id of 65 letters', { ...detail, taskArn: taskArn('a'.repeat(65)) }, 'taskArn'],
    ['no status', { ...detail, lastStatus: undefined, desiredStatus: null }, 'lastStatus, desiredStatus'],
    ['containers that are none', { ...detail, containers: ['hunter2'] }, 'containers.0'],
    [
      'bindings that are none',
      { ...detail, containers: [{ name: 'web', networkBindings: [{ hostPort: 'hunter2' }] }] },
      'containers.0.networkBindings.0.hostPort',
    ],
  ])('%s is refused by the names of its fields, never by what they hold', (_, value, fields) => {
    expect(() => parseTask(value)).toThrow(new MalformedTask(`not a task: missing or wrong ${fields}`));
  });

  it('never gets an error that quotes it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(detail)), fc.anything(), (field, value) => {
        try {
          parseTask({ ...detail, [field]: [{ name: 'hunter2', value }, 'hunter2'] });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTask);
          expect((error as Error).message).not.toContain('hunter2');
        }
      }),
    );
  });
});

it.each([
  ['arn:aws:ecs:eu-west-1:111122223333:task/prod/abc', 'abc'],
  ['arn:aws:ecs:eu-west-1:111122223333:task/abc', 'abc'],
  ['abc', 'abc'],
])('the last part of %s is %s', (arn, part) => {
  expect(lastPartOfArn(arn)).toBe(part);
});
