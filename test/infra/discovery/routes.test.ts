/** The ways between the stages: the rules, the topic that carries every change, and who subscribes to it. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { ARN, HERE, type Json, resource, resources, stack, written } from '../resources.ts';
import { type Context, removeSynthesised } from '../synth.ts';

const NAMED = { clusters: 'prod,staging', namespaces: 'ecs-services', collectors: 2 };
const template = (settings: Context = NAMED) => stack('', settings);

afterAll(removeSynthesised);

describe('the rules', () => {
  const patternOf = (id: string): Json => {
    const { EventPattern } = resource(template(), id).Properties;
    const { detail, ...rest } = EventPattern as { detail: { clusterArn: unknown[] } & Json };
    return { ...rest, detail: { ...detail, clusterArn: detail.clusterArn.map(written) } };
  };
  const clusterArn = ['prod', 'staging'].map((name) => `${ARN}:ecs:${HERE}:cluster/${name}`);
  const from = { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] };

  it('take tasks that stop, at the first sign, and those that run, of the clusters that are watched', () => {
    const stops = { clusterArn, $or: [{ desiredStatus: ['STOPPED'] }, { lastStatus: ['STOPPED'] }] };
    expect(patternOf('DiscoveryObserveStopsRule')).toEqual({ ...from, detail: stops });
    const runs = { clusterArn, lastStatus: ['RUNNING'], desiredStatus: ['RUNNING'] };
    expect(patternOf('DiscoveryObserveRunsRule')).toEqual({ ...from, detail: runs });
    expect(resources(template(), 'AWS::Events::Rule')).toHaveLength(2);
  });

  it.each([
    ['DiscoveryObserveStopsRule', 'DiscoveryObserveQueuesStops'],
    ['DiscoveryObserveRunsRule', 'DiscoveryObserveQueuesRuns'],
  ])('%s puts each into its own queue, and aside what it cannot deliver', (rule, queue) => {
    const [target, ...more] = resource(template(), rule).Properties['Targets'] as {
      Arn: unknown;
      DeadLetterConfig: { Arn: unknown };
    }[];
    expect(more).toEqual([]);
    expect(written(target?.Arn)).toBe(`<${queue}.Arn>`);
    expect(written(target?.DeadLetterConfig.Arn)).toBe('<DiscoveryObserveUndelivered.Arn>');
  });
});

describe('the topic', () => {
  const TOPIC = 'DiscoveryTargetsChangedTopic';

  it('denies publishing to everybody but the functions that announce', () => {
    const { PolicyDocument } = resource(template(), `${TOPIC}Policy`).Properties as {
      PolicyDocument: { Statement: Json[] };
    };
    const [denied, ...more] = PolicyDocument.Statement.filter(({ Sid }) => Sid === 'OnlyTheDiscoveryAnnounces');
    expect(more).toEqual([]);
    const { Condition, Resource, ...rest } = denied as { Condition: { ArnNotEquals: Json } } & Json;
    expect(rest).toEqual({
      Sid: 'OnlyTheDiscoveryAnnounces',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'sns:Publish',
    });
    expect(written(Resource)).toBe(`<${TOPIC}>`);
    expect(Object.keys(Condition)).toEqual(['ArnNotEquals']);
    expect(Object.keys(Condition.ArnNotEquals)).toEqual(['aws:PrincipalArn']);
    expect((Condition.ArnNotEquals['aws:PrincipalArn'] as unknown[]).map(written)).toEqual([
      '<DiscoveryObserveFunctionRole.Arn>',
      '<DiscoveryStoreFunctionRole.Arn>',
      '<DiscoveryResyncFunctionRole.Arn>',
    ]);
  });

  it('refuses plain HTTP', () => {
    expect(JSON.stringify(resource(template(), `${TOPIC}Policy`))).toContain('"aws:SecureTransport":"false"');
  });

  it('delivers raw: changes alone to the stages, everything to the collectors, and puts aside what it cannot', () => {
    const subscriptions = resources(template(), 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);
    const found = subscriptions.map(({ Endpoint, FilterPolicy }) => [written(Endpoint), FilterPolicy]);
    expect(Object.fromEntries(found)).toEqual({
      '<DiscoveryTargetsChangedCollector0.Arn>': undefined,
      '<DiscoveryTargetsChangedCollector1.Arn>': undefined,
      '<DiscoveryStoreQueuesChanges.Arn>': { kind: ['changes'] },
      '<DiscoveryRegisterQueuesChanges.Arn>': { kind: ['changes'] },
    });
    expect(subscriptions).toHaveLength(4);
    for (const { Protocol, RawMessageDelivery, RedrivePolicy, TopicArn } of subscriptions) {
      expect([Protocol, RawMessageDelivery, written(TopicArn)]).toEqual(['sqs', true, `<${TOPIC}>`]);
      expect(written((RedrivePolicy as Json)['deadLetterTargetArn'])).toBe('<DiscoveryTargetsChangedUndelivered.Arn>');
    }
  });
});

describe('the queues', () => {
  it('refuse plain HTTP, each of them', () => {
    const refusing = resources(template(), 'AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) =>
      JSON.stringify(Properties['PolicyDocument']).includes('"aws:SecureTransport":"false"')
        ? (Properties['Queues'] as unknown[]).map(written)
        : [],
    );
    const queues = resources(template(), 'AWS::SQS::Queue').map(([id]) => `<${id.replace(/[0-9A-F]{8}$/, '')}>`);
    expect(refusing.sort()).toEqual(queues.sort());
  });
});

describe('the queues of the collectors', () => {
  it('keep for four hours what nobody takes, and show it again soon to another target-sync', () => {
    for (const collector of [0, 1]) {
      expect(resource(template(), `DiscoveryTargetsChangedCollector${collector}`).Properties).toMatchObject({
        MessageRetentionPeriod: 4 * 3600,
        VisibilityTimeout: 30,
        ReceiveMessageWaitTimeSeconds: 20,
      });
    }
  });

  const namesOf = (settings: Context) =>
    resources(template(settings), 'AWS::SQS::Queue').flatMap(([, { Properties }]) => Properties['QueueName'] ?? []);
  const NETWORK = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };

  it.each<[string, Context, number]>([
    ['existing clusters alone', { clusters: 'prod' }, 0],
    ['a cluster of its own without a collector', { collector: false }, 0],
    ['the reference system', {}, 1],
    ['a collector in an existing cluster', { ...NETWORK, clusters: 'prod', collector: true }, 1],
    ['a number of collectors of the user', { clusters: 'prod', collectors: 2 }, 2],
  ])('are there for collectors that somebody runs: %s', (_, settings, count) => {
    const names = Array.from({ length: count }, (__, index) => `ecs-prometheus-discovery-collector-${index}`);
    expect(namesOf(settings)).toEqual(names);
    const alarms = resources(template(settings), 'AWS::CloudWatch::Alarm').map(([id]) => id);
    expect(alarms.filter((id) => /AlarmsCollector\d+Behind/.test(id))).toHaveLength(count);
    const { Outputs } = template(settings).toJSON() as { Outputs: Json };
    expect(Object.keys(Outputs).filter((name) => name.startsWith('CollectorQueue'))).toHaveLength(count);
  });
});
