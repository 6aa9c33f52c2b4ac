/** What AWS answers in the account of the tests, one operation after the other. */

import { clusterKeyOf } from '../../functions/discovery/cluster/cluster-key.ts';
import type { AwsState, CloudMapService } from './aws-state.ts';
import { awsError, pageOf } from './senders.ts';
import { describedTask, HERE, type TaskOptions, taskArn } from './tasks.ts';

/** The inputs of all operations below, as far as they are looked at. */
export interface Input {
  readonly cluster: string;
  readonly tasks: string[];
  readonly serviceName?: string;
  readonly nextToken?: string;
  readonly maxResults: number;
  readonly taskDefinition: string;
  readonly services: string[];
  readonly containerInstances: string[];
  readonly Filters: { readonly Values: string[] }[];
  readonly Names: string[];
  readonly Name: string;
  readonly Value: string;
  readonly ResourceARN: string;
  readonly ServiceId: string;
  readonly InstanceId: string;
  readonly Attributes: Record<string, string>;
  readonly PublishBatchRequestEntries: {
    readonly Id: string;
    readonly Message: string;
    readonly MessageAttributes: { readonly kind: { readonly StringValue: string } };
  }[];
  readonly Entries: { readonly Id: string; readonly ReceiptHandle: string; readonly VisibilityTimeout: number }[];
  readonly MaxNumberOfMessages: number;
  readonly MessageBody: string;
  readonly RoleArn: string;
  readonly MessageAttributes: { readonly reason: { readonly StringValue: string } };
}

export type Answer = Record<string, unknown>;

const lastPart = (arn: string): string => arn.split('/').at(-1) ?? '';
const serviceArn = (name: string): string => `arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-${name}`;
const clusterOf = ({ cluster = 'prod' }: TaskOptions): string => cluster;
/** A request names a cluster here by its name, and one elsewhere by its ARN. */
const clusterIn = ({ cluster }: Input): string => (cluster.startsWith('arn:') ? clusterKeyOf(cluster, HERE) : cluster);

function serviceWith({ services }: AwsState, id: string): CloudMapService {
  const service = services.get(id.slice('srv-'.length));
  if (!service) throw awsError('ServiceNotFound', id);
  return service;
}

export const ANSWERS: Readonly<Record<string, (account: AwsState, input: Input) => Answer | Promise<Answer>>> = {
  DescribeTasks({ tasks }, input) {
    if (input.tasks.some((id) => ![32, 36].includes(id.length))) {
      throw awsError('InvalidParameterException', 'taskId length should be one of [32,36]');
    }
    const known = (id: string): TaskOptions | undefined => {
      const task = tasks.get(id);
      return task && clusterOf(task) === clusterIn(input) ? task : undefined;
    };
    return {
      tasks: input.tasks.flatMap((id) => known(id) ?? []).map(describedTask),
      failures: input.tasks
        .filter((id) => !known(id))
        .map((id) => ({ arn: taskArn(id, clusterIn(input)), reason: 'MISSING' })),
    };
  },
  ListTasks({ tasks }, input) {
    const all = [...tasks]
      .filter(([, task]) => clusterOf(task) === clusterIn(input) && (task.desiredStatus ?? 'RUNNING') === 'RUNNING')
      .filter(([, task]) => !input.serviceName || ('service' in task ? task.service : 'shop') === input.serviceName)
      .map(([id]) => taskArn(id, clusterIn(input)));
    const { items, next } = pageOf(all, input.maxResults, input.nextToken);
    return { taskArns: items, nextToken: next };
  },
  DescribeTaskDefinition({ definitions }, { taskDefinition }) {
    const definition = definitions.get(lastPart(taskDefinition).replace(/:\d+$/, ''));
    if (!definition) throw awsError('ClientException', 'Unable to describe task definition.');
    return { taskDefinition: definition };
  },
  DescribeServices: ({ managed }, { services }) => ({
    services: services.map((serviceName) => ({
      serviceName,
      serviceRegistries: (managed.get(serviceName) ?? []).map((managing) => {
        const { name, ...ports } = typeof managing === 'string' ? { name: managing } : managing;
        return { registryArn: serviceArn(name), ...ports };
      }),
    })),
  }),
  DescribeContainerInstances: (_, { containerInstances }) => ({
    containerInstances: containerInstances.map((arn) => {
      const host = lastPart(arn);
      return { containerInstanceArn: arn, ec2InstanceId: host.startsWith('mi-') ? host : `i-${host}` };
    }),
  }),
  DescribeInstances({ hosts }, { Filters }) {
    const wanted = Filters[0]?.Values ?? [];
    const found = [...hosts].filter(([host]) => wanted.includes(`i-${host}`));
    return {
      Reservations: found.map(([host, address]) => ({
        Instances: [{ InstanceId: `i-${host}`, ...(address !== null && { PrivateIpAddress: address }) }],
      })),
    };
  },
  async GetParameters({ parameters }, { Names }) {
    const found = await parameters.get(Names);
    return {
      Parameters: [...found].map(([Name, { value, version, writtenAt }]) => ({
        ...{ Name, Value: value, Version: version },
        ...(writtenAt !== undefined && { LastModifiedDate: new Date(writtenAt) }),
      })),
    };
  },
  async GetParameter({ parameters }, { Name }) {
    const [name = '', version] = Name.split(':');
    const found = await parameters.getVersion(name, Number(version));
    if (!found) throw awsError('ParameterVersionNotFound', Name);
    const { value, version: Version, writtenAt } = found;
    return {
      Parameter: { Value: value, Version, ...(writtenAt !== undefined && { LastModifiedDate: new Date(writtenAt) }) },
    };
  },
  PutParameter: async ({ parameters }, { Name, Value }) => ({ Version: await parameters.put(Name, Value) }),
  ListNamespaces: ({ namespaces }) => ({
    Namespaces: [...namespaces].map((name) => ({ Name: name, Id: `ns-${name}` })),
  }),
  ListServices({ services }, { Filters }) {
    const namespace = Filters[0]?.Values[0];
    const found = [...services].filter(([, service]) => `ns-${service.namespace}` === namespace);
    return { Services: found.map(([name]) => ({ Id: `srv-${name}`, Arn: serviceArn(name), Name: name })) };
  },
  ListTagsForResource: (account, { ResourceARN }) => ({
    Tags: Object.entries(serviceWith(account, lastPart(ResourceARN)).tags).map(([Key, Value]) => ({ Key, Value })),
  }),
  ListInstances: (account, { ServiceId }) => ({
    Instances: [...serviceWith(account, ServiceId).instances].map(([Id, Attributes]) => ({ Id, Attributes })),
  }),
  GetInstance(account, { ServiceId, InstanceId }) {
    const Attributes = serviceWith(account, ServiceId).instances.get(InstanceId);
    if (!Attributes) throw awsError('InstanceNotFound');
    return { Instance: { Id: InstanceId, Attributes } };
  },
  RegisterInstance(account, { ServiceId, InstanceId, Attributes }) {
    serviceWith(account, ServiceId).instances.set(InstanceId, Attributes);
    return { OperationId: 'op' };
  },
  DeregisterInstance(account, { ServiceId, InstanceId }) {
    if (!serviceWith(account, ServiceId).instances.delete(InstanceId)) throw awsError('InstanceNotFound');
    return { OperationId: 'op' };
  },
  PublishBatch(account, { PublishBatchRequestEntries }) {
    const refused = PublishBatchRequestEntries.filter(({ Message }) => account.refuses(Message));
    for (const entry of PublishBatchRequestEntries) {
      if (refused.includes(entry)) continue;
      const { Message: body, MessageAttributes } = entry;
      account.messages.push({ body, kind: MessageAttributes.kind.StringValue, at: account.clock.now() });
    }
    return { Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'try again' })) };
  },
  ReceiveMessage: ({ queue }, { MaxNumberOfMessages }) => ({
    Messages: queue.waiting.splice(0, MaxNumberOfMessages).map((it) => ({
      MessageId: it.messageId,
      ReceiptHandle: it.receiptHandle,
      Body: it.body,
      Attributes: {
        ApproximateReceiveCount: String(it.receiveCount),
        SentTimestamp: String(it.sentAt),
        ApproximateFirstReceiveTimestamp: String(it.firstReceivedAt),
      },
    })),
  }),
  DeleteMessageBatch({ queue }, { Entries }) {
    queue.deleted.push(...Entries.map(({ ReceiptHandle }) => ReceiptHandle));
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  },
  ChangeMessageVisibilityBatch({ queue }, { Entries }) {
    for (const { ReceiptHandle, VisibilityTimeout } of Entries) queue.shownAfter.set(ReceiptHandle, VisibilityTimeout);
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  },
  GetFunctionConfiguration: ({ deployedShards }) => ({
    Environment: { Variables: { DISCOVERY_SHARDS: String(deployedShards) } },
  }),
  AssumeRole: ({ clock }, { RoleArn }) => ({
    Credentials: {
      ...{ AccessKeyId: 'ASIAEXAMPLEEXAMPLE12', SecretAccessKey: 'secret', SessionToken: RoleArn },
      Expiration: new Date(clock.now() + 60 * 60_000),
    },
  }),
  SendMessage({ queue }, { MessageBody, MessageAttributes }) {
    queue.deadLetters.push({ body: MessageBody, reason: MessageAttributes.reason.StringValue });
    return {};
  },
};
