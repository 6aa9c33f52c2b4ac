/**
 * A pipeline of a few lines on the simulated AWS: it shows how a stage is wired, and that machinery and judge work. Faults
 * that the product survives are beyond it.
 */
import type { Received } from '../aws/sqs-queue.ts';
import { type BatchResult, EventSource } from '../lambda/event-source.ts';
import { LambdaFunction } from '../lambda/lambda-function.ts';
import type { Pipeline, Wire } from '../pipeline.ts';
import type { World } from '../world.ts';
import { encode, readText } from './change.ts';
import { register } from './register.ts';
import { createStage, DEAD_LETTERS, observe, parameterName, resync, type Stage, store, TOPIC } from './stages.ts';
import { ReferenceCollector, type Render } from './target-sync.ts';

const SMALL = { batchSize: 10, window: 0, maximumConcurrency: 2 };
const MEDIUM = { batchSize: 100, window: 1000, maximumConcurrency: 2 };
const LARGE = { batchSize: 1000, window: 5000, maximumConcurrency: 2 };

export const wireReferenceWith =
  (render: Render): Wire =>
  (world) => {
    let { shards } = world.settings;
    const { surface, lambda, sns, eventBridge } = world;
    const handler = (
      name: string,
      timeout: number,
      handle: (stage: Stage, batch: readonly Received[]) => Promise<BatchResult>,
    ) =>
      lambda.add(
        new LambdaFunction<Stage, readonly Received[], BatchResult>(surface, {
          name,
          timeout,
          handle,
          create: (environment) => createStage(environment, world),
        }),
      );

    const observing = handler('observe', 30_000, observe);
    const storing = handler('store', 120_000, (stage, batch) => store(stage, batch, shards));
    const registering = handler('register', 60_000, register);
    const resyncing = new LambdaFunction<Stage, unknown, void>(surface, {
      name: 'resync',
      timeout: 900_000,
      create: (environment) => createStage(environment, world),
      handle: (stage) => resync(stage, world.settings.clusters),
    });
    lambda.add(resyncing, { retries: 1 });

    const redrive = { maxReceiveCount: 200, deadLetters: world.addDeadLetters(DEAD_LETTERS) };
    const stops = world.addQueue('https://sqs/stops', { visibilityTimeout: 180_000, redrive });
    const runs = world.addQueue('https://sqs/runs', { visibilityTimeout: 180_000, redrive });
    const storeQueue = world.addQueue('https://sqs/store', { visibilityTimeout: 725_000, redrive });
    eventBridge.rules.push({ matches: (task) => task.desiredStatus === 'STOPPED', queue: stops });
    eventBridge.rules.push({ matches: isRunning, queue: runs });
    sns.subscribe(TOPIC, { queue: storeQueue, kinds: ['changes'] });
    const registerQueue = world.addQueue('https://sqs/register', { visibilityTimeout: 60_000, redrive });
    sns.subscribe(TOPIC, { queue: registerQueue, kinds: ['changes'] });
    const sources = [
      new EventSource(stops, lambda, observing, surface, SMALL),
      new EventSource(runs, lambda, observing, surface, SMALL),
      new EventSource(storeQueue, lambda, storing, surface, LARGE),
      new EventSource(registerQueue, lambda, registering, surface, MEDIUM),
    ];

    const collectors = Array.from({ length: world.settings.collectors }, (_, index) => {
      const queue = world.addQueue(`https://sqs/collector-${index}`, { visibilityTimeout: 30_000 });
      sns.subscribe(TOPIC, { queue });
      return new ReferenceCollector(world, queue.url, render);
    });
    return {
      collectors,
      read: readText,
      emptyDocument: encode(0, new Map()),
      parameterName,
      isIdle: () => sources.every(({ busy }) => busy === 0),
      resync: () => lambda.invokeLater('resync', {}),
      reshard: (count) => {
        shards = count;
        for (const collector of collectors) collector.shards = count;
      },
    } satisfies Pipeline;
  };

export const wireReference: Wire = wireReferenceWith((groups) => JSON.stringify(groups));

const isRunning = ({ lastStatus, desiredStatus }: Parameters<World['eventBridge']['put']>[0]): boolean =>
  lastStatus === 'RUNNING' && desiredStatus === 'RUNNING';
