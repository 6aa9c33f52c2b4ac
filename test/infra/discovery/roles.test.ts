/** What each function may do: all of it, word by word, so that no permission comes or goes unnoticed. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { ARN, allowed, HERE, resources, stack } from '../resources.ts';
import { type Context, removeSynthesised } from '../synth.ts';

const NAMED = { clusters: 'prod', namespaces: 'ecs-services' };

afterAll(removeSynthesised);

const logs = (id: string) => ['CreateLogStream', 'PutLogEvents'].map((it) => `logs:${it} on <Discovery${id}Logs.Arn>`);
/** What Lambda's pollers need, and the function beside them. */
const reads = (...queues: string[]) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].flatMap((it) =>
    queues.map((queue) => `sqs:${it} on <${queue}.Arn>`),
  );
const putsAside = (queue: string) => [`sqs:SendMessage on <${queue}.Arn>`];
const describesTasks = [`ecs:DescribeTasks on ${ARN}:ecs:${HERE}:task/prod/*`];
const looks = [
  ...describesTasks,
  `ecs:DescribeServices on ${ARN}:ecs:${HERE}:service/prod/*`,
  `ecs:DescribeContainerInstances on ${ARN}:ecs:${HERE}:container-instance/prod/*`,
  'ecs:DescribeTaskDefinition on *',
  'ec2:DescribeInstances on *',
];
const namespaces = [`ssm:GetParameters on ${ARN}:ssm:${HERE}:parameter/ECS-ServiceDiscovery-Namespaces`];
const findsServices = ['ListNamespaces', 'ListServices', 'ListTagsForResource'].map(
  (it) => `servicediscovery:${it} on *`,
);
const SERVICES = `${ARN}:servicediscovery:${HERE}:service/*`;
const listsInstances = [`servicediscovery:ListInstances on ${SERVICES}`];
const onOwned = (...actions: string[]) => actions.map((it) => `servicediscovery:${it} on ${SERVICES} if StringEquals`);
const SHARDS = `${ARN}:ssm:${HERE}:parameter/ecs-prometheus-discovery/prod/targets/*`;
const DEFINITIONS = `${ARN}:ssm:${HERE}:parameter/ecs-prometheus-discovery/task-definitions/0`;
const definitions = ['GetParameters', 'PutParameter'].map((it) => `ssm:${it} on ${DEFINITIONS}`);
const shards = ['GetParameter', 'GetParameters', 'PutParameter'].map((it) => `ssm:${it} on ${SHARDS}`);
const announces = ['sns:Publish on <DiscoveryTargetsChangedTopic>'];

const ROLES: Readonly<Record<string, { readonly policy: RegExp; readonly may: readonly string[] }>> = {
  'observe: looks and announces; it writes neither targets nor registrations': {
    policy: /^DiscoveryObserve/,
    may: [
      ...logs('ObserveFunction'),
      ...reads('DiscoveryObserveQueuesStops', 'DiscoveryObserveQueuesRuns'),
      ...putsAside('DiscoveryObserveQueuesDeadLetters'),
      ...looks,
      ...namespaces,
      ...findsServices,
      ...announces,
    ],
  },
  'store: writes targets and announces that; it does not know Cloud Map': {
    policy: /^DiscoveryStore/,
    may: [
      ...logs('StoreFunction'),
      ...reads('DiscoveryStoreQueuesChanges'),
      ...putsAside('DiscoveryStoreQueuesDeadLetters'),
      ...describesTasks,
      ...shards,
      ...announces,
    ],
  },
  'register: registers in services of its own; it neither announces nor sees targets': {
    policy: /^DiscoveryRegisterFunction/,
    may: [
      ...logs('RegisterFunction'),
      ...reads('DiscoveryRegisterQueuesChanges'),
      ...putsAside('DiscoveryRegisterQueuesDeadLetters'),
      ...looks,
      ...namespaces,
      ...findsServices,
      ...onOwned('DeregisterInstance', 'GetInstance', 'RegisterInstance'),
    ],
  },
  'resync: reads everything, announces, writes targets, and registers nothing itself': {
    policy: /^DiscoveryResync(Function|Continuation)/,
    may: [
      ...logs('ResyncFunction'),
      ...putsAside('DiscoveryResyncDeadLetters'),
      ...looks,
      `ecs:ListTasks on * if ArnEquals`,
      ...namespaces,
      ...findsServices,
      ...listsInstances,
      ...shards,
      ...definitions,
      ...announces,
      'lambda:InvokeFunction on <DiscoveryResyncFunction.Arn>',
      'lambda:GetFunctionConfiguration on <DiscoveryResyncFunction.Arn>',
    ],
  },
  'the schedule: starts resync': {
    policy: /^DiscoveryResyncSchedule/,
    may: [
      'lambda:InvokeFunction on <DiscoveryResyncFunction.Arn>',
      'lambda:InvokeFunction on <DiscoveryResyncFunction.Arn>:*',
      ...putsAside('DiscoveryResyncDeadLetters'),
    ],
  },
  'the clean-up: deregisters from services of its own': {
    policy: /^DiscoveryRegistrationCleanup/,
    may: [
      ...logs('RegistrationCleanupFunction'),
      ...namespaces,
      ...findsServices,
      ...listsInstances,
      ...onOwned('DeregisterInstance'),
    ],
  },
};

const sorted = (all: Iterable<string>): string[] => [...all].sort();

describe('the role of', () => {
  it.each(Object.entries(ROLES))('%s', (_, { policy, may }) => {
    expect(allowed(stack('', NAMED), policy)).toEqual(sorted(may));
  });

  it('each function is one of these', () => {
    const policies = resources(stack('', NAMED), 'AWS::IAM::Policy').map(([id]) => id);
    const known = Object.values(ROLES).map(({ policy }) => policy);
    expect(policies.filter((id) => !known.some((policy) => policy.test(id)))).toEqual([]);
  });
});

describe('without a namespace', () => {
  it.each<[string, Context]>([
    ['nobody touches Cloud Map', { clusters: 'prod' }],
    ['nobody touches Cloud Map in a cluster of its own', { namespaces: '' }],
  ])('%s', (_, settings) => {
    const all = allowed(stack('', settings), /./);
    expect(all).toContain('ecs:DescribeTaskDefinition on *');
    expect(all.filter((statement) => /^servicediscovery|Namespaces/.test(statement))).toEqual([]);
    stack('', settings).resourceCountIs('Custom::CloudMapRegistrations', 0);
  });
});
