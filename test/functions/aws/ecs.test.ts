import { describe, expect, it } from '@jest/globals';
import { createEcs } from '../../../functions/aws/ecs.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import { awsError, fakeClient, pageOf } from '../../factories/senders.ts';
import { aTask, definitionArn, describedTask, hostArn, idOf, taskArn } from '../../factories/tasks.ts';

/** A task as DescribeTasks gives it, where no health check has decided. */
const described = (number: number) => aTask({ number });

const ids = (count: number) => Array.from({ length: count }, (_, number) => idOf(number));

describe('DescribeTasks', () => {
  type Request = { readonly cluster: string; readonly tasks: string[] };
  const describing = (answer: (request: Request, call: number) => unknown) =>
    createEcs(fakeClient({ DescribeTasks: answer as never }));

  it('asks for a hundred tasks at a time', async () => {
    const asked: number[] = [];
    const ecs = describing(({ tasks }) => {
      asked.push(tasks.length);
      return { tasks: tasks.map((id) => describedTask({ number: Number.parseInt(id, 16) })) };
    });
    const answers = await ecs.describeTasks('prod', ids(250));
    expect(asked.sort()).toEqual([100, 100, 50]);
    expect([...answers.keys()]).toEqual(ids(250));
    expect([...answers.values()].every(({ kind }) => kind === 'task')).toBe(true);
    expect(answers.get(idOf(7))).toEqual({ kind: 'task', task: described(7) });
  });

  it('tells apart what is missing, what it cannot say, what it says badly and what it does not mention', async () => {
    const ecs = describing(() => ({
      tasks: [{ ...describedTask({ number: 1 }) }, { ...describedTask({ number: 4 }), version: undefined }],
      failures: [
        { arn: taskArn(idOf(2)), reason: 'MISSING' },
        { arn: taskArn(idOf(3)), reason: 'INTERNAL', detail: 'try again' },
      ],
    }));
    const answers = await ecs.describeTasks('prod', [1, 2, 3, 4, 5].map(idOf));
    const unknown = (message: string) => ({ kind: 'unknown', error: expect.objectContaining({ message }) });
    expect(Object.fromEntries([...answers].map(([id, answer]) => [Number.parseInt(id, 16), answer]))).toEqual({
      1: { kind: 'task', task: described(1) },
      2: { kind: 'missing' },
      3: unknown('DescribeTasks: INTERNAL try again'),
      4: unknown('not a task: missing or wrong version'),
      5: unknown('DescribeTasks did not mention the task'),
    });
  });

  it('that describes a task and calls it missing has described it', async () => {
    const failures = [{ arn: taskArn(idOf(1)), reason: 'MISSING' }];
    const ecs = describing(() => ({ tasks: [describedTask({ number: 1 })], failures }));
    expect((await ecs.describeTasks('prod', [idOf(1)])).get(idOf(1))).toMatchObject({ kind: 'task' });
  });

  it('that is throttled leaves the tasks of that request unknown, never missing', async () => {
    const ecs = describing(({ tasks }) => {
      if (tasks.includes(idOf(150))) throw awsError('ThrottlingException');
      return { tasks: [], failures: tasks.map((id) => ({ arn: taskArn(id), reason: 'MISSING' })) };
    });
    const answers = await ecs.describeTasks('prod', ids(250));
    const kinds = [...Map.groupBy(answers.values(), ({ kind }) => kind)].map(([kind, some]) => [kind, some.length]);
    expect(Object.fromEntries(kinds)).toEqual({ missing: 150, unknown: 100 });
    expect(answers.get(idOf(150))).toMatchObject({ error: { name: 'ThrottlingException' } });
  });

  it('is not asked about what cannot be a task: ECS would refuse the whole request', async () => {
    const asked: string[][] = [];
    const ecs = describing(({ tasks }) => {
      asked.push(tasks);
      return { tasks: [describedTask({ number: 1 })] };
    });
    const ofPeople = ['by-hand', '', `${idOf(2)}/web`] as TaskId[];
    const uuid = '2f0b9f3e-4d2b-4ccf-a8c4-d454db0ee121' as TaskId;
    const answers = await ecs.describeTasks('prod', [...ofPeople, idOf(1), uuid]);
    expect(asked).toEqual([[idOf(1), uuid]]);
    expect(ofPeople.map((id) => answers.get(id)?.kind)).toEqual(['missing', 'missing', 'missing']);
    expect([answers.get(idOf(1))?.kind, answers.get(uuid)?.kind]).toEqual(['task', 'unknown']);
  });

  it('is not sent for nothing', async () => {
    const client = fakeClient({});
    expect((await createEcs(client).describeTasks('prod', [])).size).toBe(0);
    const byHand = 'by-hand' as TaskId;
    expect([...(await createEcs(client).describeTasks('prod', [byHand]))]).toEqual([[byHand, { kind: 'missing' }]]);
    expect(client.sent).toEqual([]);
  });
});

describe('ListTasks', () => {
  it('is followed through all its pages, empty ones too', async () => {
    const arns = ids(250).map((id) => taskArn(id));
    const client = fakeClient({
      ListTasks: ({ nextToken, maxResults }: { nextToken?: string; maxResults: number }) => {
        if (nextToken === '100') return { taskArns: [], nextToken: '100 again' };
        const { items, next } = pageOf(arns, maxResults, nextToken?.split(' ')[0]);
        return { taskArns: items, nextToken: next };
      },
    });
    expect(await createEcs(client).listTasks('prod')).toEqual(ids(250));
    expect(client.calls('ListTasks')).toBe(4);
  });

  it('may be for one service', async () => {
    const client = fakeClient({ ListTasks: () => ({ taskArns: [] }) });
    await createEcs(client).listTasks('prod', 'shop');
    expect(client.sent[0]?.input).toMatchObject({ cluster: 'prod', serviceName: 'shop' });
  });

  it('fails as a whole when a page fails', async () => {
    const client = fakeClient({
      ListTasks: (_: never, call: number) => {
        if (call === 1) throw awsError('ThrottlingException');
        return { taskArns: [taskArn(idOf(1))], nextToken: '1' };
      },
    });
    await expect(createEcs(client).listTasks('prod')).rejects.toThrow('Rate exceeded');
  });
});

describe('DescribeTaskDefinition', () => {
  it('gives network mode, docker labels and TCP ports of each container, each port once', async () => {
    const client = fakeClient({
      DescribeTaskDefinition: () => ({
        taskDefinition: {
          networkMode: 'awsvpc',
          containerDefinitions: [
            {
              name: 'web',
              dockerLabels: { a: 'b' },
              portMappings: [
                { containerPort: 9125, protocol: 'udp' },
                { containerPort: 3000, protocol: 'tcp' },
                { containerPort: 3000, hostPort: 0 },
                { containerPortRange: '7000-7002' },
                { containerPortRange: '8000-8002', protocol: 'udp' },
              ],
            },
            { name: 'sidecar' },
          ],
        },
      }),
    });
    const arn = definitionArn('shop');
    expect(await createEcs(client).describeTaskDefinition(arn)).toEqual({
      arn,
      networkMode: 'awsvpc',
      containers: [
        { name: 'web', dockerLabels: { a: 'b' }, containerPorts: [3000, 7000, 7001, 7002] },
        { name: 'sidecar', dockerLabels: {}, containerPorts: [] },
      ],
    });
    expect(client.sent[0]?.input).toEqual({ taskDefinition: arn });
  });

  it.each([
    ['an essential container has one', [{ name: 'web', healthCheck: { command: ['true'] } }], true],
    [
      'only one that is not essential has one',
      [{ name: 'a', essential: false, healthCheck: {} }, { name: 'b' }],
      undefined,
    ],
    ['none has one', [{ name: 'web' }], undefined],
  ])('has a health check where %s', async (_, containerDefinitions, expected) => {
    const client = fakeClient({ DescribeTaskDefinition: () => ({ taskDefinition: { containerDefinitions } }) });
    const { hasHealthCheck } = await createEcs(client).describeTaskDefinition(definitionArn('shop'));
    expect(hasHealthCheck).toBe(expected);
  });

  it('that AWS refuses is named, and the error keeps its kind', async () => {
    const client = fakeClient({
      DescribeTaskDefinition: () => {
        throw awsError('ClientException', 'Unable to describe task definition.');
      },
    });
    await expect(createEcs(client).describeTaskDefinition(definitionArn('shop'))).rejects.toMatchObject({
      name: 'ClientException',
      message: `${definitionArn('shop')}: Unable to describe task definition.`,
    });
  });

  it('without a definition in its answer says nothing, least of all that there are no labels', async () => {
    const client = fakeClient({ DescribeTaskDefinition: () => ({}) });
    await expect(createEcs(client).describeTaskDefinition(definitionArn('shop'))).rejects.toThrow(
      `DescribeTaskDefinition did not answer for ${definitionArn('shop')}`,
    );
  });
});

describe('DescribeServices', () => {
  const registryArn = (id: string) => `arn:aws:servicediscovery:eu-west-1:111122223333:service/${id}`;
  const serviceArn = (name: string) => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;

  it('asks for ten services at a time', async () => {
    const names = Array.from({ length: 23 }, (_, number) => `service-${number}`);
    const asked: number[] = [];
    const client = fakeClient({
      DescribeServices: ({ services }: { services: string[] }) => {
        asked.push(services.length);
        return {
          services: services.map((serviceName) => ({
            serviceName,
            serviceRegistries: [{ registryArn: registryArn(`srv-${serviceName}`) }],
          })),
        };
      },
    });
    const found = await createEcs(client).describeServiceRegistries('prod', names);
    expect(asked.sort()).toEqual([10, 10, 3]);
    expect(found.size).toBe(23);
    expect(found.get('service-22')).toEqual([{ id: 'srv-service-22' }]);
  });

  it('tells a service without registry and a deleted one from one that it does not speak of', async () => {
    const client = fakeClient({
      DescribeServices: () => ({
        services: [
          { serviceName: 'plain' },
          { serviceName: 'managed', serviceRegistries: [{}, { registryArn: registryArn('srv-1') }] },
          {
            serviceName: 'srv',
            serviceRegistries: [
              { registryArn: registryArn('srv-2'), containerName: 'web', containerPort: 8080 },
              { registryArn: registryArn('srv-3'), port: 8081 },
            ],
          },
        ],
        failures: [
          { arn: serviceArn('deleted'), reason: 'MISSING' },
          { arn: serviceArn('broken'), reason: 'INTERNAL' },
        ],
      }),
    });
    const names = ['plain', 'managed', 'srv', 'deleted', 'broken', 'unmentioned'];
    const found = await createEcs(client).describeServiceRegistries('prod', names);
    expect(Object.fromEntries(found)).toEqual({
      plain: [],
      managed: [{ id: 'srv-1' }],
      srv: [
        { id: 'srv-2', port: 8080 },
        { id: 'srv-3', port: 8081 },
      ],
      deleted: [],
    });
  });

  it('finds those of task sets, the primary one first, and each once', async () => {
    const set = (status: string, ...ids: string[]) => ({
      status,
      serviceRegistries: ids.map((id) => ({ registryArn: registryArn(id) })),
    });
    const services = [
      {
        serviceName: 'green',
        serviceRegistries: [],
        taskSets: [set('ACTIVE', 'srv-old', 'srv-both'), set('PRIMARY', 'srv-new', 'srv-both'), { status: 'DRAINING' }],
      },
    ];
    const found = await createEcs(fakeClient({ DescribeServices: () => ({ services }) })).describeServiceRegistries(
      'prod',
      ['green'],
    );
    expect(found.get('green')).toEqual([{ id: 'srv-new' }, { id: 'srv-both' }, { id: 'srv-old' }]);
  });
});

describe('tags', () => {
  it('of tasks are asked for only where they are wanted', async () => {
    const client = fakeClient({ DescribeTasks: () => ({ tasks: [describedTask()] }) });
    await createEcs(client).describeTasks('prod', [idOf(1)]);
    await createEcs(client, { tags: true }).describeTasks('prod', [idOf(1)]);
    expect(client.sent.map(({ input }) => input['include'])).toEqual([undefined, ['TAGS']]);
  });

  it('of services come by name, none of a deleted one', async () => {
    const client = fakeClient({
      DescribeServices: () => ({
        services: [
          { serviceName: 'shop', tags: [{ key: 'team', value: 'edge' }, { value: 'x' }] },
          { serviceName: 'bare' },
        ],
        failures: [{ arn: `arn:aws:ecs:eu-west-1:111122223333:service/prod/deleted`, reason: 'MISSING' }],
      }),
    });
    const found = await createEcs(client).describeServiceTags('prod', ['shop', 'bare', 'deleted', 'unmentioned']);
    expect(Object.fromEntries(found)).toEqual({ shop: { team: 'edge' }, bare: {}, deleted: {} });
    expect(client.sent[0]?.input['include']).toEqual(['TAGS']);
  });
});

describe('the tags of a cluster', () => {
  it('are asked for by its name', async () => {
    const client = fakeClient({ DescribeClusters: () => ({ clusters: [{ tags: [{ key: 'owner', value: 'x' }] }] }) });
    expect(await createEcs(client).describeClusterTags('prod')).toEqual({ owner: 'x' });
    expect(client.sent[0]?.input).toEqual({ clusters: ['prod'], include: ['TAGS'] });
  });

  it('are not none where ECS does not speak of the cluster', async () => {
    const client = fakeClient({ DescribeClusters: () => ({ clusters: [], failures: [{ reason: 'MISSING' }] }) });
    await expect(createEcs(client).describeClusterTags('prod')).rejects.toThrow(
      'DescribeClusters did not answer for prod',
    );
  });
});

describe('DescribeContainerInstances', () => {
  it('asks for a hundred hosts at a time', async () => {
    const arns = Array.from({ length: 101 }, (_, number) => hostArn(String(number)));
    const client = fakeClient({
      DescribeContainerInstances: ({ containerInstances }: { containerInstances: string[] }) => ({
        containerInstances: containerInstances.map((arn) => ({
          containerInstanceArn: arn,
          ec2InstanceId: `i-${arn.split('/').at(-1)}`,
        })),
      }),
    });
    const found = await createEcs(client).describeContainerInstances('prod', arns);
    expect(client.calls('DescribeContainerInstances')).toBe(2);
    expect(found.get(hostArn('100'))).toBe('i-100');
  });

  it('tells a host that is no EC2 instance from one that it does not speak of', async () => {
    const client = fakeClient({
      DescribeContainerInstances: () => ({
        containerInstances: [
          { containerInstanceArn: hostArn('a'), ec2InstanceId: 'i-0a' },
          { containerInstanceArn: hostArn('b'), ec2InstanceId: 'mi-0b' },
        ],
        failures: [{ arn: hostArn('c'), reason: 'MISSING' }],
      }),
    });
    const found = await createEcs(client).describeContainerInstances(
      'prod',
      ['a', 'b', 'c', 'd'].map((it) => hostArn(it)),
    );
    expect(Object.fromEntries(found)).toEqual({ [hostArn('a')]: 'i-0a', [hostArn('b')]: null });
  });
});
