import { describe, expect, it } from '@jest/globals';
import { Later, type SimulatedService } from './aws/simulated-service.ts';
import { type ClientSettings, SimulatedClient } from './client.ts';
import { NO_FAULTS } from './faults.ts';
import { Outages } from './outages.ts';
import { Program } from './program.ts';
import { Random } from './random.ts';
import { createScheduler } from './scheduler.ts';
import type { Outcome } from './surface.ts';

const ONCE = { requestTimeout: 2000, maxAttempts: 1 };

/** A client of a service that answers with what it was asked. */
function setUp(settings: ClientSettings = ONCE, fault = {}) {
  const scheduler = createScheduler(0, () => true);
  const outages = new Outages();
  const outcomes: Outcome[] = [];
  const surface = {
    scheduler,
    outages,
    random: new Random(7),
    faults: () => ({ ...NO_FAULTS, ...fault }),
    onRequest: ({ outcome }: { readonly outcome: Outcome }) => outcomes.push(outcome),
  };
  const program = new Program('a program', surface);
  const service: SimulatedService = {
    name: 'ecs',
    handle: (command, input) => (command === 'Poll' ? new Later(() => () => {}) : input),
  };
  const client = new SimulatedClient(program, service, settings);
  /** What becomes of a request, and after how many milliseconds. */
  const ask = async (command = 'DescribeTasks', options = {}): Promise<{ what: unknown; after: number }> => {
    const began = scheduler.now();
    let end: { what: unknown; after: number } | undefined;
    const over = (what: unknown): void => {
      end = { what, after: scheduler.now() - began };
    };
    scheduler.touch();
    client.request(command, { a: 1 }, options).then(over, (error: Error) => over(error.name));
    await scheduler.runUntil(began + 200_000);
    if (!end) throw new Error('the request never ended');
    return end;
  };
  return { scheduler, outages, outcomes, program, client, ask };
}

describe('a client of the SDK', () => {
  it('is answered after two ways', async () => {
    const { ask } = setUp();
    const { what, after } = await ask();
    expect(what).toEqual({ a: 1 });
    expect(after).toBeLessThanOrEqual(50);
  });

  it('waits for a service that hangs as long as it is set to, as often as it is set to', async () => {
    const once = setUp();
    once.outages.begin('ecs', 'hangs');
    expect(await once.ask()).toEqual({ what: 'TimeoutError', after: 2000 });
    expect(once.outcomes).toEqual(['hung']);
    const polite = setUp({ requestTimeout: 5000, maxAttempts: 6 });
    polite.outages.begin('ecs', 'hangs');
    const { what, after } = await polite.ask();
    expect(what).toBe('TimeoutError');
    // The pauses between the tries are up to 50, 100, 200, 400 and 800 ms.
    expect(after).toBeGreaterThanOrEqual(30_000);
    expect(after).toBeLessThanOrEqual(31_550);
    expect(polite.outcomes).toHaveLength(6);
  });

  it('tries again what was throttled, with longer pauses, and not what is its own fault', async () => {
    const { ask, outages, outcomes } = setUp({ requestTimeout: 5000, maxAttempts: 3 });
    outages.begin('ecs', 'throttles');
    expect((await ask()).what).toBe('ThrottlingException');
    expect(outcomes).toHaveLength(3);
  });

  it('fails at once where it tries once', async () => {
    const { ask, outages } = setUp();
    outages.begin('ecs', 'fails');
    const { what, after } = await ask();
    expect(what).toBe('ServerException');
    expect(after).toBeLessThanOrEqual(50);
  });

  it('runs out of tokens for retries when everything fails', async () => {
    const { ask, outages, outcomes } = setUp({ requestTimeout: 5000, maxAttempts: 6 });
    outages.begin('ecs', 'fails');
    for (let request = 0; request < 8; request++) await ask();
    // 500 tokens pay for 35 retries of 14.
    expect(outcomes).toHaveLength(8 + 35);
  });

  it('may be aborted, and may set the time of one request', async () => {
    const { ask, outages, scheduler } = setUp();
    outages.begin('ecs', 'hangs');
    expect(await ask('DescribeTasks', { requestTimeout: 300 })).toEqual({ what: 'TimeoutError', after: 300 });
    const controller = new AbortController();
    scheduler.after(100, () => controller.abort());
    expect(await ask('DescribeTasks', { abortSignal: controller.signal })).toEqual({ what: 'AbortError', after: 100 });
  });

  it('leaves a long poll open until its time is up', async () => {
    const { ask } = setUp({ requestTimeout: 25_000, maxAttempts: 1 });
    expect(await ask('Poll')).toEqual({ what: 'TimeoutError', after: 25_000 });
  });

  it('has its request carried out long after it gave it up', async () => {
    const { ask, outcomes } = setUp({ requestTimeout: 400, maxAttempts: 1 }, { slow: 100 });
    expect((await ask()).what).toBe('TimeoutError');
    expect(outcomes).toEqual(['ghost']);
  });
});
