import { describe, expect, it } from '@jest/globals';
import { createPace, PACE } from '../../../functions/aws/pace.ts';
import { virtualClock } from '../../factories/clock.ts';

/** @param chance what the clock answers when it is asked for a random number */
const paceWith = (chance = 0.5) => {
  const clock = virtualClock(undefined, chance);
  const pace = createPace(clock);
  /** Milliseconds until the next turn. */
  const wait = async (): Promise<number> => {
    const began = clock.now();
    await pace.turn();
    return Math.round(clock.now() - began);
  };
  return { ...pace, clock, wait };
};

describe('the pace of writes', () => {
  it('is that of the higher throughput until SSM refuses, and who has not written for a while need not wait', async () => {
    const { wait, clock } = paceWith();
    expect([await wait(), await wait(), await wait()]).toEqual([0, PACE.least, PACE.least]);
    clock.advance(PACE.least);
    expect(await wait()).toBe(0);
  });

  it('gets slower with each refusal, to one write a second, and slowly faster again with each that is taken', async () => {
    const { wait, slower, faster } = paceWith();
    slower();
    expect(await wait()).toBe(PACE.least * PACE.slower);
    for (let refused = 0; refused < 20; refused++) slower();
    expect(await wait()).toBe(PACE.most);
    faster();
    await wait();
    expect(await wait()).toBe(PACE.most * PACE.faster);
    for (let taken = 0; taken < 20; taken++) faster();
    await wait();
    expect(await wait()).toBe(PACE.least);
  });

  it('is never quite the same, so that two writers do not meet again and again', async () => {
    const early = paceWith(0);
    const late = paceWith(1);
    for (const { wait } of [early, late]) await wait();
    expect([await early.wait(), await late.wait()]).toEqual([0.75 * PACE.least, 1.25 * PACE.least]);
  });
});
