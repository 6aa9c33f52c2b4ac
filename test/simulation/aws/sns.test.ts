import { describe, expect, it } from '@jest/globals';
import { errorOf, manualWorld } from './manual-world.ts';
import { SimulatedSns } from './sns.ts';
import { SimulatedQueue } from './sqs-queue.ts';

const TopicArn = 'topic';

function setUp() {
  const world = manualWorld();
  const sns = new SimulatedSns(world.around, world.random, world.faults, { least: 10, most: 20 });
  const queue = (url: string): SimulatedQueue =>
    new SimulatedQueue(url, world.around, world.random, world.faults, { visibilityTimeout: 30_000 });
  const [all, changes] = [queue('all'), queue('changes')];
  sns.subscribe(TopicArn, { queue: all });
  sns.subscribe(TopicArn, { queue: changes, kinds: ['changes'] });
  return { world, sns, all, changes };
}

const entry = (Id: string, kind: string, Message = Id) => ({
  Id,
  Message,
  MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
});

const publish = (sns: SimulatedSns, ...entries: readonly unknown[]): unknown =>
  sns.handle('PublishBatch', { TopicArn, PublishBatchRequestEntries: entries });

describe('a topic', () => {
  it('delivers to every queue whose filter lets the message through', () => {
    const { world, sns, all, changes } = setUp();
    publish(sns, entry('a', 'changes'), entry('b', 'notice'));
    expect([all.visible, changes.visible]).toEqual([0, 0]);
    world.pass(20);
    expect([all.visible, changes.visible]).toEqual([2, 1]);
  });

  it('waits for a queue that is down, without losing anything or holding up the other', () => {
    const { world, sns, all, changes } = setUp();
    changes.isDown = true;
    publish(sns, entry('a', 'changes'));
    world.pass(60 * 60 * 1000);
    expect([all.visible, changes.visible, sns.underWay]).toEqual([1, 0, 1]);
    changes.isDown = false;
    world.pass(20_000);
    expect([changes.visible, sns.underWay]).toEqual([1, 0]);
  });

  it('may refuse single entries, and then does not deliver them', () => {
    const { world, sns, all } = setUp();
    world.fault = { partial: 50 };
    const entries = Array.from({ length: 10 }, (_, id) => entry(String(id), 'changes'));
    const { Failed, Successful } = publish(sns, ...entries) as { Failed: unknown[]; Successful: unknown[] };
    world.pass(20);
    expect(Failed.length).toBeGreaterThan(0);
    expect(all.visible).toBe(Successful.length);
    expect(Failed.length + Successful.length).toBe(10);
  });

  it('may deliver twice and late', () => {
    const { world, sns, all } = setUp();
    world.fault = { duplicated: 100, late: 100 };
    publish(sns, entry('a', 'changes'));
    world.pass(20);
    expect(all.visible).toBe(0);
    world.pass(180_000);
    expect(all.visible).toBe(2);
  });

  it.each([
    [
      'more than ten entries',
      Array.from({ length: 11 }, (_, id) => entry(String(id), 'x')),
      'TooManyEntriesInBatchRequestException',
    ],
    ['one id twice', [entry('a', 'x'), entry('a', 'x')], 'BatchEntryIdsNotDistinctException'],
    [
      'more than 256 KB together',
      [entry('a', 'x', 'x'.repeat(131_072)), entry('b', 'x', 'x'.repeat(131_072))],
      'BatchRequestTooLongException',
    ],
    ['nothing', [], 'EmptyBatchRequestException'],
  ])('refuses %s', (_, entries, name) => {
    expect(errorOf(() => publish(setUp().sns, ...entries))).toBe(name);
  });
});
