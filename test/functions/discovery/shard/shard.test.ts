import { describe, expect, it } from '@jest/globals';
import type { Stamp, TaskChange } from '../../../../functions/discovery/change/change.ts';
import { newestOfEach } from '../../../../functions/discovery/change/order.ts';
import {
  applyChanges,
  DESELECT_MEMORY_SECONDS,
  EMPTY_SHARD,
  forgetRemovals,
  knownStamp,
  OBSERVATION_LIFETIME_SECONDS,
  offersTheSame,
  type Shard,
  STOP_MEMORY_SECONDS,
  sameTargets,
} from '../../../../functions/discovery/shard/shard.ts';
import {
  contentOf,
  deselect,
  deselected,
  OBSERVED,
  shardOf,
  someChange,
  stop,
  stopped,
  targets,
  upsert,
} from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const someChanges = fc.array(someChange, { maxLength: 12 });
/** The same list in another order, some of it more than once. */
const shuffled = someChanges.chain((changes) =>
  fc.tuple(
    fc.constant(changes),
    fc
      .tuple(fc.shuffledSubarray(changes, { minLength: changes.length }), fc.subarray(changes))
      .map(([all, again]) => [...all, ...again]),
  ),
);

/** What is offered, and how each removed task was removed; of two stops either may be remembered. */
const said = ({ tasks, removed }: Shard): unknown => ({
  tasks: [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)),
  removed: [...removed]
    .map(([taskId, it]): [string, unknown] => [taskId, it.kind === 'stop' ? 'stop' : it])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
});

/** The newest statement of each task, and nothing else. */
function newestWins(changes: readonly TaskChange[]): Shard {
  const newest = [...newestOfEach(changes).values()];
  return {
    tasks: new Map(
      newest.flatMap((it) =>
        it.kind === 'upsert' ? [[it.taskId, { targets: it.targets, observed: it.observed }]] : [],
      ),
    ),
    removed: new Map(
      newest.flatMap(({ kind, taskId, version, observed }) =>
        kind === 'upsert' ? [] : [[taskId, { kind, version, observed }]],
      ),
    ),
  };
}

describe('a change of a shard', () => {
  const running = (version: number, changes = {}): Shard => shardOf([targets(1, { version, ...changes })]);
  const without = (removal: Shard extends { removed: ReadonlyMap<string, infer It> } ? It : never): Shard =>
    shardOf([], { [idOf(1)]: removal });

  it.each<[string, Shard, TaskChange, Shard]>([
    ['upsert, nothing: adds', EMPTY_SHARD, upsert(1, { version: 3 }), running(3)],
    [
      'upsert, older: replaces',
      running(3),
      upsert(1, { version: 4, address: '10.9.9.9' }),
      running(4, { address: '10.9.9.9' }),
    ],
    ['upsert, newer: stays', running(5), upsert(1, { version: 4, address: '10.9.9.9' }), running(5)],
    ['upsert, stopped: stays away', without(stopped()), upsert(1, { version: 99 }, OBSERVED + 99), without(stopped())],
    ['upsert, deselected before: adds', without(deselected(OBSERVED, 3)), upsert(1, { version: 4 }), running(4)],
    ['upsert, deselected after: stays away', without(deselected()), upsert(1, { version: 4 }), without(deselected())],
    ['stop, nothing: is remembered', EMPTY_SHARD, stop(1), without(stopped())],
    ['stop, older: removes and is remembered', running(3), stop(1), without(stopped())],
    ['stop, newer: removes and is remembered', running(9), stop(1), without(stopped())],
    ['deselect, nothing: is remembered', EMPTY_SHARD, deselect(1), without(deselected())],
    ['deselect, older: removes and is remembered', running(3), deselect(1), without(deselected())],
    ['deselect, newer: stays', running(9), deselect(1), running(9)],
    ['deselect, stopped: stays stopped', without(stopped()), deselect(1, { version: 9 }), without(stopped())],
  ])('%s', (_, before, change, after) => {
    expect(contentOf(applyChanges(before, [change]))).toEqual(contentOf(after));
  });

  it('leaves the shard that it was made from as it is, and touches no other task', () => {
    fc.assert(
      fc.property(someChanges, someChange, (history, change) => {
        const shard = applyChanges(EMPTY_SHARD, history);
        const before = structuredClone(contentOf(shard));
        const after = applyChanges(shard, [change]);
        expect(contentOf(shard)).toEqual(before);
        for (const [taskId, task] of shard.tasks) {
          if (taskId !== change.taskId) expect(after.tasks.get(taskId)).toBe(task);
        }
      }),
    );
  });
});

describe('any number of changes', () => {
  it('end in the newest of each task', () => {
    fc.assert(
      fc.property(someChanges, (changes) => {
        expect(said(applyChanges(EMPTY_SHARD, changes))).toEqual(said(newestWins(changes)));
      }),
      { numRuns: 500 },
    );
  });

  it('end in the same, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(shuffled, ([changes, mixed]) => {
        expect(said(applyChanges(EMPTY_SHARD, mixed))).toEqual(said(applyChanges(EMPTY_SHARD, changes)));
      }),
      { numRuns: 500 },
    );
  });

  it('end in the same in one go or one by one', () => {
    fc.assert(
      fc.property(someChanges, someChanges, (some, others) => {
        const together = applyChanges(EMPTY_SHARD, [...some, ...others]);
        expect(contentOf(applyChanges(applyChanges(EMPTY_SHARD, some), others))).toEqual(contentOf(together));
        expect(contentOf(applyChanges(together, [...some, ...others]))).toEqual(contentOf(together));
      }),
    );
  });

  it('never leave a task both offered and removed', () => {
    fc.assert(
      fc.property(someChanges, (changes) => {
        const { tasks, removed } = applyChanges(EMPTY_SHARD, changes);
        expect([...tasks.keys()].filter((taskId) => removed.has(taskId))).toEqual([]);
      }),
    );
  });
});

describe('the memory of a removal', () => {
  const shard = shardOf([targets(3)], { [idOf(1)]: stopped(), [idOf(2)]: deselected() });
  const remembered = (seconds: number): string[] => [...forgetRemovals(shard, OBSERVED + seconds).removed.keys()];

  it('lasts twice as long as an observation may be old when it is written', () => {
    expect(STOP_MEMORY_SECONDS).toBe(2 * OBSERVATION_LIFETIME_SECONDS);
    expect(remembered(STOP_MEMORY_SECONDS - 1)).toEqual([idOf(1), idOf(2)]);
    expect(remembered(STOP_MEMORY_SECONDS)).toEqual([idOf(2)]);
  });

  it('lasts an hour for a task that still runs', () => {
    expect(remembered(DESELECT_MEMORY_SECONDS - 1)).toEqual([idOf(2)]);
    expect(remembered(DESELECT_MEMORY_SECONDS)).toEqual([]);
  });

  it('ends without touching the tasks', () => {
    expect(forgetRemovals(shard, OBSERVED + 9999).tasks).toBe(shard.tasks);
  });
});

describe('what a shard knows of a task', () => {
  it.each<[string, Shard, Stamp | undefined]>([
    ['nothing', EMPTY_SHARD, undefined],
    ['its targets', shardOf([targets(1)]), { kind: 'upsert', version: 1, observed: OBSERVED }],
    ['its removal', shardOf([], { [idOf(1)]: deselected() }), { kind: 'deselect', version: 5, observed: OBSERVED }],
  ])('%s', (_, shard, stamp) => {
    expect(knownStamp(shard, idOf(1))).toEqual(stamp);
  });
});

describe('two shards', () => {
  const shard = shardOf([targets(1), targets(2)], { [idOf(3)]: stopped() });

  it.each<[string, Shard]>([
    ['another order', shardOf([targets(2), targets(1)], { [idOf(3)]: stopped() })],
    ['other versions', shardOf([targets(1, { version: 9 }), targets(2)])],
    ['other times', shardOf([targets(1), targets(2)], {}, OBSERVED + 9)],
    ['other memories', shardOf([targets(1), targets(2)], { [idOf(4)]: deselected() })],
  ])('offer the same with %s', (_, other) => {
    expect([offersTheSame(shard, other), offersTheSame(other, shard)]).toEqual([true, true]);
  });

  it.each<[string, Shard]>([
    ['a task more', shardOf([targets(1), targets(2), targets(3)])],
    ['another task', shardOf([targets(1), targets(3)])],
    ['another address', shardOf([targets(1, { address: '10.9.9.9' }), targets(2)])],
    ['a label more', shardOf([targets(1, { labels: { ...targets(1).labels, namespace: 'ns' } }), targets(2)])],
    ['another port', shardOf([targets(1, { targets: [{ port: 1, labels: {} }] }), targets(2)])],
  ])('do not with %s', (_, other) => {
    expect([offersTheSame(shard, other), offersTheSame(other, shard)]).toEqual([false, false]);
  });
});

it('targets that differ in the version of their task alone are the same', () => {
  expect(sameTargets(targets(1, { version: 1 }), targets(1, { version: 9 }))).toBe(true);
  expect(sameTargets(targets(1), targets(1, { address: '10.9.9.9' }))).toBe(false);
});
