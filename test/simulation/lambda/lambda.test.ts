import { describe, expect, it } from '@jest/globals';
import type { Received, SimulatedQueue } from '../aws/sqs-queue.ts';
import { Program } from '../program.ts';
import { DEFAULTS } from '../settings.ts';
import { World } from '../world.ts';
import { type BatchResult, EventSource, type EventSourceSettings } from './event-source.ts';
import { type Environment, LambdaFunction } from './lambda-function.ts';

type Handler = (environment: Environment, batch: readonly Received[]) => Promise<BatchResult>;

const MINUTE = 60_000;

function setUp(handle: Handler, source: Partial<EventSourceSettings> = {}, { fault = {}, concurrency = 10 } = {}) {
  const world = new World({ ...DEFAULTS, seed: 1, concurrency });
  world.setFaults({ ...world.faults, ...fault });
  const environments = new Set<Environment>();
  const invocations: { readonly at: number; readonly size: number }[] = [];
  const target = new LambdaFunction<Environment, readonly Received[], BatchResult>(world.surface, {
    name: 'work',
    timeout: 10_000,
    create: (name) => ({ program: new Program(name, world.surface) }),
    handle: (environment, batch) => {
      environments.add(environment);
      invocations.push({ at: world.now, size: batch.length });
      return handle(environment, batch);
    },
  });
  world.lambda.add(target, { retries: 1 });
  const queue = world.addQueue('https://sqs/work', { visibilityTimeout: 61_000 });
  const settings = { batchSize: 10, window: 0, maximumConcurrency: 2, ...source };
  new EventSource(queue, world.lambda, target, world.surface, settings);
  const run = (milliseconds: number): Promise<void> => world.scheduler.runUntil(world.now + milliseconds);
  return { world, queue, target, environments, invocations, run };
}

const done: Handler = async () => [];
const takes =
  (milliseconds: number): Handler =>
  async ({ program }) => {
    await program.wait(milliseconds);
    return [];
  };

const send = (queue: SimulatedQueue, count: number): void => {
  for (let message = 0; message < count; message++) queue.send(String(message));
};

describe('an event source', () => {
  it('invokes at once without a window, and deletes what was handled', async () => {
    const { queue, run, invocations } = setUp(done);
    send(queue, 25);
    await run(MINUTE);
    expect(queue.size).toBe(0);
    expect(invocations.map(({ size }) => size).sort()).toEqual([10, 10, 5]);
  });

  it('gathers for its window, up to its batch size', async () => {
    const { queue, run, invocations, world } = setUp(done, { batchSize: 100, window: 5000 });
    const began = world.now;
    send(queue, 130);
    await run(MINUTE);
    expect(invocations.map(({ size }) => size)).toEqual([100, 30]);
    expect((invocations[0]?.at ?? 0) - began).toBeLessThan(1000);
    expect((invocations[1]?.at ?? 0) - began).toBeGreaterThanOrEqual(5000);
  });

  it('never runs more at once than its maximum, nor more than the account has', async () => {
    const { queue, run, world } = setUp(takes(500), { maximumConcurrency: 4 });
    send(queue, 200);
    await run(MINUTE);
    expect([world.lambda.peak, queue.size]).toEqual([4, 0]);
    const small = setUp(takes(500), { maximumConcurrency: 4 }, { concurrency: 2 });
    send(small.queue, 200);
    await small.run(MINUTE);
    expect([small.world.lambda.peak, small.queue.size]).toEqual([2, 0]);
  });

  it('keeps what the handler reports, and shows it again after the visibility timeout', async () => {
    let isWell = false;
    const { queue, run } = setUp(async (_, batch) =>
      isWell ? [] : batch.filter(({ body }) => body === '1').map(({ messageId }) => ({ itemIdentifier: messageId })),
    );
    send(queue, 3);
    await run(1000);
    expect(queue.size).toBe(1);
    isWell = true;
    await run(61_000);
    expect(queue.size).toBe(0);
  });

  it('keeps the whole batch of a handler that throws, dies, runs out of time, or names a message it was not given', async () => {
    const bad: readonly Handler[] = [
      () => Promise.reject(new Error('no')),
      takes(11_000),
      async () => [{ itemIdentifier: 'another' }],
    ];
    for (const handle of bad) {
      const { queue, run } = setUp(handle);
      send(queue, 3);
      await run(20_000);
      expect(queue.size).toBe(3);
    }
    const awaitsMuch: Handler = async ({ program }) => {
      for (let thing = 0; thing < 30; thing++) await program.wait(1);
      return [];
    };
    const { queue, run } = setUp(awaitsMuch, {}, { fault: { crash: 100 } });
    send(queue, 3);
    await run(20_000);
    expect(queue.size).toBe(3);
  });

  it('refuses settings that AWS refuses', () => {
    expect(() => setUp(done, { batchSize: 11 })).toThrow('window');
    expect(() => setUp(done, { maximumConcurrency: 1 })).toThrow('at least 2');
  });
});

describe('a function', () => {
  it('uses an environment again, until it ran out of time, was redeployed or was idle for long', async () => {
    const { queue, run, environments, target } = setUp(done);
    const once = async (): Promise<number> => {
      send(queue, 1);
      await run(1000);
      return environments.size;
    };
    expect([await once(), await once()]).toEqual([1, 1]);
    target.redeploy();
    expect(await once()).toBe(2);
    await run(21 * MINUTE);
    expect(await once()).toBe(3);
  });
});

describe('an asynchronous invocation', () => {
  const setUpAsync = (handle: () => Promise<void>) => {
    const world = new World({ ...DEFAULTS, seed: 1 });
    const tries: number[] = [];
    const lost: string[] = [];
    const target = new LambdaFunction<Environment, { readonly left: number }, void>(world.surface, {
      name: 'resync',
      timeout: 10_000,
      create: (name) => ({ program: new Program(name, world.surface) }),
      handle: (_, { left }) => {
        tries.push(left);
        return handle();
      },
    });
    world.lambda.add(target, { retries: 1 });
    world.lambda.onLoss = (name) => lost.push(name);
    return { world, tries, lost };
  };

  it('gets its payload, and is tried again once', async () => {
    const { world, tries, lost } = setUpAsync(() => Promise.reject(new Error('no')));
    world.lambda.handle('Invoke', { FunctionName: 'resync', InvocationType: 'Event', Payload: '{"left":3}' });
    await world.scheduler.runUntil(world.now + 10 * MINUTE);
    expect([tries, lost]).toEqual([[3, 3], ['resync']]);
  });

  it('is over when it was done', async () => {
    const { world, tries, lost } = setUpAsync(async () => {});
    const Payload = new TextEncoder().encode('{"left":3}');
    world.lambda.handle('Invoke', {
      FunctionName: 'arn:aws:lambda:::function:resync',
      InvocationType: 'Event',
      Payload,
    });
    await world.scheduler.runUntil(world.now + 10 * MINUTE);
    expect([tries, lost, world.lambda.underWay]).toEqual([[3], [], 0]);
  });
});
