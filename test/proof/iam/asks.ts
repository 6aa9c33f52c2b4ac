/**
 * What IAM is asked for a request: action, resource and condition keys, as the service authorization reference has them
 * for each service. A request that names several resources needs all of them.
 */
import { ACCOUNT, REGION } from '../deployed/literal.ts';
import type { Sent } from './recorder.ts';

export interface Ask {
  readonly action: string;
  /** ARN, or `*` where IAM knows no resource for the action. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

// biome-ignore lint/suspicious/noExplicitAny: each operation has an input of its own
type Input = any;
type AsksOf = (input: Input, sent: Sent) => readonly Ask[];

export const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** A request names a cluster by its name, or by its ARN where it is elsewhere. */
const clusterArn = (cluster: string): string =>
  cluster.startsWith('arn:') ? cluster : arn('ecs', `cluster/${cluster}`);
const under = (cluster: string, kind: string, name: string): string =>
  `${clusterArn(cluster).replace(':cluster/', `:${kind}/`)}/${name}`;

/** ECS says with each request on something in a cluster which one it is. */
const inCluster = (cluster: string) => ({ 'ecs:cluster': clusterArn(cluster) });

const ofCluster =
  (action: string, kind: string, names: (input: Input) => readonly string[]): AsksOf =>
  (input) =>
    names(input).map((name) => ({
      action,
      resource: under(input.cluster, kind, lastPart(name)),
      context: inCluster(input.cluster),
    }));

const anywhere =
  (action: string): AsksOf =>
  () => [{ action, resource: '*', context: {} }];

const onQueue =
  (action: string): AsksOf =>
  ({ QueueUrl }) => [{ action, resource: arn('sqs', lastPart(QueueUrl)), context: {} }];

const onService =
  (action: string): AsksOf =>
  ({ ServiceId }, { serviceTags = {} }) => [
    { action, resource: arn('servicediscovery', `service/${ServiceId}`), context: tagContext(serviceTags) },
  ];

const onFunction =
  (action: string): AsksOf =>
  ({ FunctionName }) => [{ action, resource: arn('lambda', `function:${FunctionName}`), context: {} }];

const tagContext = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));

const parameter = (name: string): string => arn('ssm', `parameter/${name.replace(/^\//, '')}`);

/** Every operation that the code may send, but those of filling Grafana. */
export const ASKS: Readonly<Record<string, AsksOf>> = {
  DescribeTasks: ofCluster('ecs:DescribeTasks', 'task', ({ tasks }) => tasks),
  DescribeServices: ofCluster('ecs:DescribeServices', 'service', ({ services }) => services),
  DescribeContainerInstances: ofCluster(
    'ecs:DescribeContainerInstances',
    'container-instance',
    ({ containerInstances }) => containerInstances,
  ),
  DescribeTaskDefinition: anywhere('ecs:DescribeTaskDefinition'),
  DescribeClusters: ({ clusters }) =>
    clusters.map((name: string) => ({
      action: 'ecs:DescribeClusters',
      resource: clusterArn(name),
      context: {},
    })),
  // The reference knows one resource for it, a container instance, which a request need not name.
  ListTasks: ({ cluster }) => [
    {
      action: 'ecs:ListTasks',
      resource: under(cluster, 'container-instance', 'any'),
      context: inCluster(cluster),
    },
  ],
  AssumeRole: ({ RoleArn, ExternalId }) => [
    { action: 'sts:AssumeRole', resource: RoleArn, context: { 'sts:ExternalId': ExternalId } },
  ],
  DescribeInstances: anywhere('ec2:DescribeInstances'),
  GetParameters: ({ Names }) =>
    Names.map((name: string) => ({ action: 'ssm:GetParameters', resource: parameter(name), context: {} })),
  // The reference does not say whether the version belongs to the resource: both must be allowed.
  GetParameter: ({ Name }) =>
    [Name, Name.replace(/:\d+$/, '')].map((name) => ({
      action: 'ssm:GetParameter',
      resource: parameter(name),
      context: {},
    })),
  PutParameter: ({ Name, Overwrite }) => [
    { action: 'ssm:PutParameter', resource: parameter(Name), context: { 'ssm:Overwrite': String(Overwrite) } },
  ],
  ListNamespaces: anywhere('servicediscovery:ListNamespaces'),
  ListServices: anywhere('servicediscovery:ListServices'),
  ListTagsForResource: anywhere('servicediscovery:ListTagsForResource'),
  ListInstances: onService('servicediscovery:ListInstances'),
  GetInstance: onService('servicediscovery:GetInstance'),
  RegisterInstance: onService('servicediscovery:RegisterInstance'),
  DeregisterInstance: onService('servicediscovery:DeregisterInstance'),
  PublishBatch: ({ TopicArn }) => [{ action: 'sns:Publish', resource: TopicArn, context: {} }],
  ReceiveMessage: onQueue('sqs:ReceiveMessage'),
  DeleteMessageBatch: onQueue('sqs:DeleteMessage'),
  ChangeMessageVisibilityBatch: onQueue('sqs:ChangeMessageVisibility'),
  SendMessage: onQueue('sqs:SendMessage'),
  Invoke: onFunction('lambda:InvokeFunction'),
  GetFunctionConfiguration: onFunction('lambda:GetFunctionConfiguration'),
};

export function asksOf(sent: Sent): readonly Ask[] {
  const asks = ASKS[sent.operation];
  if (asks === undefined) throw new Error(`nothing is known of what ${sent.operation} asks of IAM`);
  return asks(sent.input, sent);
}
