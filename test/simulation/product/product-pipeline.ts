/** The product on the simulated AWS, wired as infra/constructs wires it. */
import { clusterElsewhere } from '../../../functions/discovery/cluster/cluster-key.ts';
import {
  definitionsParameterName,
  ENVIRONMENT,
  shardParameterName,
  sourceRoleName,
} from '../../../functions/discovery/names.ts';
import {
  decodeShard,
  EMPTY_SHARD_DOCUMENT,
  encodeShard,
  PARAMETER_BYTES,
  UnreadableShard,
} from '../../../functions/discovery/shard/shard-codec.ts';
import { targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import { isRunning as isRunningTask } from '../../../functions/discovery/task/task.ts';
import type { Received } from '../aws/sqs-queue.ts';
import { DEPLOYMENT, EXTERNAL_ID } from '../fleet.ts';
import type { ShardText } from '../judge/counting-version.ts';
import { type BatchResult, EventSource, type EventSourceSettings } from '../lambda/event-source.ts';
import { LambdaFunction } from '../lambda/lambda-function.ts';
import type { Pipeline, Wire } from '../pipeline.ts';
import type { World } from '../world.ts';
import { ProductCollector } from './collector.ts';
import {
  DEAD_LETTERS,
  handleBatch,
  observeStage,
  type ResyncEnvironment,
  registerStage,
  resyncStage,
  type StageEnvironment,
  storeStage,
  TOPIC,
} from './stages.ts';

/** As infra/constructs sets them: milliseconds, and messages. A test compares them with the templates. */
export const DEPLOYED = {
  observe: { timeout: 30_000, visibilityTimeout: 210_000, batchSize: 10, window: 0 },
  store: { timeout: 120_000, visibilityTimeout: 750_000, batchSize: 1000, window: 5000 },
  register: { timeout: 60_000, visibilityTimeout: 390_000, batchSize: 100, window: 1000 },
  collector: { visibilityTimeout: 30_000, retention: 4 * 60 * 60_000 },
  maxReceiveCount: 200,
  maximumConcurrency: 2,
} as const;

const RESYNC = 'resync';

type Make = (name: string, world: World, shards: number) => StageEnvironment;

export const wireProduct: Wire = (world) => {
  let { shards } = world.settings;
  const deployShards = (count: number): void => {
    shards = count;
    world.lambda.variables = { [ENVIRONMENT.shards]: String(count) };
  };
  deployShards(shards);
  const { resyncTimeout } = world.settings;
  const { surface, lambda, sns, eventBridge } = world;
  for (const cluster of world.settings.clusters) {
    const elsewhere = clusterElsewhere(cluster);
    if (!elsewhere) continue;
    const { account, region } = elsewhere;
    world.sts.roles.set(`arn:aws:iam::${account}:role/${sourceRoleName(DEPLOYMENT, region)}`, EXTERNAL_ID);
  }
  const redrive = { maxReceiveCount: DEPLOYED.maxReceiveCount, deadLetters: world.addDeadLetters(DEAD_LETTERS) };

  /** A stage: a function, and an event source for each of its queues. */
  const stage = (
    name: 'observe' | 'store' | 'register',
    make: Make,
    queueNames: readonly string[],
  ): EventSource<StageEnvironment>[] => {
    const { timeout, visibilityTimeout, batchSize, window } = DEPLOYED[name];
    const settings: EventSourceSettings = { batchSize, window, maximumConcurrency: DEPLOYED.maximumConcurrency };
    return queueNames.map((queueName) => {
      const queue = world.addQueue(`https://sqs/${queueName}`, { visibilityTimeout, redrive });
      return new EventSource(queue, lambda, functionOf(name, make, queue.url, timeout), surface, settings);
    });
  };
  const functions = new Map<string, LambdaFunction<StageEnvironment, Batch, BatchResult>>();
  const functionOf = (name: string, make: Make, queueUrl: string, timeout: number) => {
    const shared =
      functions.get(name) ??
      lambda.add(
        new LambdaFunction<StageEnvironment, Batch, BatchResult>(surface, {
          name,
          timeout,
          create: (environment) => make(environment, world, shards),
          handle: (environment, { url, messages }) => handleBatch(environment, url, timeout, messages),
          onThrow: ({ program }, error) => noteThrow(world, program.name, error),
        }),
      );
    functions.set(name, shared);
    return forQueue(shared, queueUrl);
  };

  const sources = [
    ...stage('observe', observeStage, ['stops', 'runs']),
    ...stage('store', storeStage, ['store']),
    ...stage('register', registerStage, ['register']),
  ];
  const queueOf = (name: string) => {
    const queue = world.sqs.queues.get(`https://sqs/${name}`);
    if (!queue) throw new Error(`no queue ${name}`);
    return queue;
  };
  // The rules of infra/constructs/observe/observe.ts.
  eventBridge.rules.push({ matches: isStopped, queue: queueOf('stops') });
  eventBridge.rules.push({ matches: isRunning, queue: queueOf('runs') });
  for (const name of ['store', 'register']) sns.subscribe(TOPIC, { queue: queueOf(name), kinds: ['changes'] });

  lambda.add(
    new LambdaFunction<ResyncEnvironment, unknown, void>(surface, {
      name: RESYNC,
      timeout: resyncTimeout,
      create: (environment) => resyncStage(environment, world, shards, RESYNC),
      handle: ({ run }, payload) => run(payload, resyncTimeout),
      onThrow: ({ program }, error) => noteThrow(world, program.name, error),
    }),
    { retries: 1 },
  );

  const collectors = Array.from({ length: world.settings.collectors }, (_, index) => {
    const queue = world.addQueue(`https://sqs/collector-${index}`, DEPLOYED.collector);
    sns.subscribe(TOPIC, { queue });
    return new ProductCollector(world, queue.url, index);
  });

  return {
    collectors,
    read: readText,
    rewrite,
    emptyDocument: EMPTY_SHARD_DOCUMENT,
    parameterName: (cluster, shard) => shardParameterName(DEPLOYMENT, cluster, shard),
    isMemory: (parameter) => parameter === definitionsParameterName(DEPLOYMENT, 0),
    isIdle: () => sources.every(({ busy }) => busy === 0) && !collectors.some(({ isDown }) => isDown),
    resync: (request) => lambda.invokeLater(RESYNC, request),
    reshard(count) {
      deployShards(count);
      // A deployment of the collectors' tasks: new ones with the new number, and empty volumes.
      for (const collector of collectors) collector.shards = count;
    },
  } satisfies Pipeline;
};

interface Batch {
  readonly url: string;
  readonly messages: readonly Received[];
}

/** An event source hands over messages; which queue they come from, Lambda says with each of them. */
function forQueue(
  shared: LambdaFunction<StageEnvironment, Batch, BatchResult>,
  url: string,
): LambdaFunction<StageEnvironment, readonly Received[], BatchResult> {
  return {
    name: shared.name,
    run: (messages: readonly Received[], done: Parameters<typeof shared.run>[1]) => shared.run({ url, messages }, done),
  } as unknown as LambdaFunction<StageEnvironment, readonly Received[], BatchResult>;
}

const noteThrow = (world: World, who: string, error: unknown): void =>
  world.note(who, `threw ${error instanceof Error ? error.stack : error}`);

type Status = Parameters<World['eventBridge']['put']>[0];

const isStopped = ({ lastStatus, desiredStatus }: Status): boolean =>
  desiredStatus === 'STOPPED' || lastStatus === 'STOPPED';
const isRunning = (status: Status): boolean => isRunningTask(status as Parameters<typeof isRunningTask>[0]);

/** What another writer makes of a document that holds the right thing already. */
function rewrite(text: string, base: number): string | undefined {
  const { shard } = decodeShard(text);
  return encodeShard({ base, shard }, PARAMETER_BYTES.Advanced);
}

/** Takes a document apart for the judge, which decides by itself whether it counts. */
function readText(text: string): ShardText | undefined {
  try {
    const { base, shard } = decodeShard(text);
    return { base, life: shard.life, groups: targetGroups([...shard.tasks.values()].map(({ targets }) => targets)) };
  } catch (error) {
    if (error instanceof UnreadableShard) return undefined;
    throw error;
  }
}
