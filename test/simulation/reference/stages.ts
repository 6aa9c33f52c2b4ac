/** Observing, storing and resync, as short as they can be: they keep what fails in the queue, and know no other remedy. */
import type { SimulatedService } from '../aws/simulated-service.ts';
import type { Received } from '../aws/sqs-queue.ts';
import { SimulatedClient } from '../client.ts';
import { groupsOf } from '../fleet.ts';
import type { BatchResult } from '../lambda/event-source.ts';
import type { Environment } from '../lambda/lambda-function.ts';
import { Program } from '../program.ts';
import type { World } from '../world.ts';
import { type Change, decode, encode, type Known, learn, shardOf } from './change.ts';

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:targets-changed';
export const DEAD_LETTERS = 'https://sqs/dead-letters';
export const parameterName = (cluster: string, shard: number): string => `/discovery/${cluster}/targets/${shard}`;

const ONCE = { requestTimeout: 2000, maxAttempts: 1 };

export interface Stage extends Environment {
  readonly ecs: SimulatedClient;
  readonly ssm: SimulatedClient;
  readonly sns: SimulatedClient;
  readonly sqs: SimulatedClient;
  readonly cloudMap: SimulatedClient;
}

export function createStage(name: string, { surface, ecs, ssm, sns, sqs, cloudMap }: World): Stage {
  const program = new Program(name, surface);
  const client = (service: SimulatedService): SimulatedClient => new SimulatedClient(program, service, ONCE);
  return {
    program,
    ecs: client(ecs),
    ssm: client(ssm),
    sns: client(sns),
    sqs: client(sqs),
    cloudMap: client(cloudMap),
  };
}

const keep = (messages: readonly Received[]): BatchResult =>
  messages.map(({ messageId }) => ({ itemIdentifier: messageId }));

interface Detail {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly version: number;
  readonly containerInstanceArn?: string;
  readonly containers: readonly {
    readonly networkBindings?: readonly { readonly hostPort: number }[];
    readonly networkInterfaces: readonly { readonly privateIpv4Address: string }[];
  }[];
}

const last = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

function changeOf(detail: Detail): Change {
  const [container] = detail.containers;
  const address = container?.networkInterfaces[0]?.privateIpv4Address;
  const statement = { taskId: last(detail.taskArn), cluster: last(detail.clusterArn), version: detail.version };
  if (detail.desiredStatus === 'STOPPED') return statement;
  const groups = groupsOf({
    id: statement.taskId,
    cluster: statement.cluster,
    ...(detail.group.startsWith('service:') && { service: detail.group.slice('service:'.length) }),
    taskDefinition: { family: last(detail.taskDefinitionArn).replace(/:\d+$/, '') },
    ...(address !== undefined && { address }),
    ...(detail.containerInstanceArn !== undefined && { containerInstance: last(detail.containerInstanceArn) }),
    bindings: container?.networkBindings as never,
  });
  return { ...statement, groups };
}

function detailOf(body: string): Detail | undefined {
  try {
    const { source, detail } = JSON.parse(body) as { source: string; detail: Detail };
    return source === 'aws.ecs' && detail.taskArn.includes('/') && typeof detail.version === 'number'
      ? detail
      : undefined;
  } catch {
    return undefined;
  }
}

async function describe({ ecs }: Stage, cluster: string, tasks: readonly string[]): Promise<Detail[]> {
  if (tasks.length === 0) return [];
  const { tasks: found } = (await ecs.request('DescribeTasks', { cluster, tasks })) as { tasks: Detail[] };
  return found;
}

/** Announces; @returns whether the topic took it */
async function announce({ sns }: Stage, changes: readonly Change[]): Promise<boolean> {
  if (changes.length === 0) return true;
  const entry = {
    Id: '0',
    Message: JSON.stringify(changes),
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'changes' } },
  };
  const input = { TopicArn: TOPIC, PublishBatchRequestEntries: [entry] };
  const { Failed } = (await sns.request('PublishBatch', input)) as { Failed: unknown[] };
  return Failed.length === 0;
}

export async function observe(stage: Stage, messages: readonly Received[]): Promise<BatchResult> {
  const said = messages.map((message) => ({ message, detail: detailOf(message.body) }));
  for (const { message, detail } of said) {
    if (detail) continue;
    const reason = { reason: { StringValue: 'not an event of a task' } };
    const letter = { QueueUrl: DEAD_LETTERS, MessageBody: message.body, MessageAttributes: reason };
    await stage.sqs.request('SendMessage', letter);
  }
  const kept: Received[] = [];
  const changes: Change[] = [];
  for (const [cluster, some] of Map.groupBy(
    said.flatMap(({ message, detail }) => (detail ? [{ message, detail }] : [])),
    ({ detail }) => last(detail.clusterArn),
  )) {
    const runs = some.filter(({ detail }) => detail.desiredStatus !== 'STOPPED');
    for (const { detail } of some) if (detail.desiredStatus === 'STOPPED') changes.push(changeOf(detail));
    const found = await describe(stage, cluster, [...new Set(runs.map(({ detail }) => last(detail.taskArn)))]);
    for (const { message, detail } of runs) {
      const now = found.find(({ taskArn }) => taskArn === detail.taskArn);
      if (!now || now.version < detail.version) kept.push(message);
      else changes.push(changeOf(now));
    }
  }
  return (await announce(stage, changes)) ? keep(kept) : keep(messages);
}

async function storeShard({ ssm }: Stage, name: string, changes: readonly Change[]): Promise<void> {
  for (;;) {
    const { Parameters } = (await ssm.request('GetParameters', { Names: [name] })) as {
      Parameters: { Value: string; Version: number }[];
    };
    const newest = Parameters[0]?.Version ?? 0;
    let known: Known = new Map();
    for (let version = newest, text = Parameters[0]?.Value; version > 0; version--) {
      const document = decode(text ?? '');
      if (document?.base === version - 1) {
        known = document.known;
        break;
      }
      const earlier = { Name: `${name}:${version - 1}` };
      if (version > 1) {
        const { Parameter } = (await ssm.request('GetParameter', earlier)) as { Parameter: { Value: string } };
        text = Parameter.Value;
      }
    }
    const isNews = changes.map((change) => learn(known, change)).includes(true);
    if (!isNews) return;
    const put = { Name: name, Value: encode(newest, known), Overwrite: true, Tier: 'Advanced' };
    const { Version } = (await ssm.request('PutParameter', put)) as { Version: number };
    if (Version === newest + 1) return;
  }
}

export async function store(stage: Stage, messages: readonly Received[], shards: number): Promise<BatchResult> {
  const changes = messages.flatMap((message) =>
    (JSON.parse(message.body) as Change[]).map((change) => ({ message, change })),
  );
  const failed = new Set<Received>();
  const nameOf = ({ change: { cluster, taskId } }: { change: Change }): string =>
    parameterName(cluster, shardOf(taskId, shards));
  for (const [name, some] of Map.groupBy(changes, nameOf)) {
    try {
      await storeShard(
        stage,
        name,
        some.map(({ change }) => change),
      );
    } catch {
      for (const { message } of some) failed.add(message);
    }
  }
  return keep([...failed]);
}

/** Announces every task that runs. */
export async function resync(stage: Stage, clusters: readonly string[]): Promise<void> {
  for (const cluster of clusters) {
    const { taskArns } = (await stage.ecs.request('ListTasks', { cluster })) as { taskArns: string[] };
    const described = await describe(stage, cluster, taskArns.map(last));
    const running = described.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    if (!(await announce(stage, running.map(changeOf)))) throw new Error('the announcement was refused');
  }
}
