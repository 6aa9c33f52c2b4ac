import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyChanges,
  changedTask,
  EMPTY_SHARD,
  forgetStops,
  mergeShards,
  OBSERVATION_LIFETIME_SECONDS,
  type Shard,
  type ShardChange,
  STOP_MEMORY_SECONDS,
  sameShard,
  sameTargets,
} from '../../../../functions/discovery/shard/shard.ts';
import { contentOf, observedChange, observedShard, shardOf, targets } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';

const NOW = 1000;
const UNTIL = NOW + STOP_MEMORY_SECONDS;

const upsert = (number: number, version: number, address = `10.0.0.${number}`): ShardChange => ({
  kind: 'upsert',
  targets: targets(number, { version, address }),
});
const stop = (number: number): ShardChange => ({ kind: 'stop', taskId: idOf(number) });
const deselect = (number: number): ShardChange => ({ kind: 'deselect', taskId: idOf(number) });

const running = (version: number): Shard => shardOf([targets(1, { version })]);
const stoppedShard = (until = UNTIL): Shard => shardOf([], { [idOf(1)]: until });

describe('a change of a shard', () => {
  const moved = targets(1, { version: 5, address: '10.9.9.9' });

  it.each<[string, Shard, ShardChange, Shard]>([
    ['an upsert adds what is absent', EMPTY_SHARD, upsert(1, 3), running(3)],
    ['an upsert replaces what is older', running(3), { kind: 'upsert', targets: moved }, shardOf([moved])],
    [
      'an upsert of the same version with other targets replaces them',
      running(5),
      { kind: 'upsert', targets: moved },
      shardOf([moved]),
    ],
    ['an upsert leaves what is newer', running(6), { kind: 'upsert', targets: moved }, running(6)],
    ['an upsert that changes nothing but the version is not worth a write', running(3), upsert(1, 4), running(3)],
    ['an upsert does not bring back what stopped', stoppedShard(), upsert(1, 99), stoppedShard()],
    ['a stop removes and is remembered', running(3), stop(1), stoppedShard()],
    ['a stop of what is absent is remembered', EMPTY_SHARD, stop(1), stoppedShard()],
    ['a stop that is remembered stays as it is', stoppedShard(1010), stop(1), stoppedShard(1010)],
    ['a deselection removes', running(3), deselect(1), EMPTY_SHARD],
    ['a deselection of what is absent changes nothing', EMPTY_SHARD, deselect(1), EMPTY_SHARD],
    ['a deselection does not forget a stop', stoppedShard(), deselect(1), stoppedShard()],
  ])('%s', (_, before, change, after) => {
    expect(contentOf(applyChanges(before, [change], NOW))).toEqual(contentOf(after));
  });

  it('comes after the one before it', () => {
    const changes = [upsert(1, 1), upsert(2, 1), deselect(2), upsert(2, 2), stop(1)];
    expect(contentOf(applyChanges(EMPTY_SHARD, changes, NOW))).toEqual(
      contentOf(shardOf([targets(2, { version: 2 })], { [idOf(1)]: UNTIL })),
    );
  });

  it('leaves the shard it was made from as it is', () => {
    fc.assert(
      fc.property(observedShard, fc.array(observedChange), (shard, changes) => {
        const before = structuredClone(contentOf(shard));
        applyChanges(shard, changes, NOW);
        expect(contentOf(shard)).toEqual(before);
      }),
    );
  });

  it('made a second time changes nothing', () => {
    fc.assert(
      fc.property(observedShard, observedChange, (shard, change) => {
        const once = applyChanges(shard, [change], NOW);
        expect(contentOf(applyChanges(once, [change], NOW + 5))).toEqual(contentOf(once));
      }),
    );
  });

  it('touches no other task', () => {
    fc.assert(
      fc.property(observedShard, observedChange, (shard, change) => {
        const after = applyChanges(shard, [change], NOW);
        for (const [taskId, task] of shard.tasks)
          if (taskId !== changedTask(change)) expect(after.tasks.get(taskId)).toBe(task);
      }),
    );
  });

  it('is about the task it names', () => {
    expect([upsert(4, 1), stop(5), deselect(6)].map(changedTask)).toEqual([idOf(4), idOf(5), idOf(6)]);
  });
});

describe('merging what racing writers wrote', () => {
  const merged = (shards: readonly Shard[]): unknown =>
    contentOf(shards.reduce((a, b) => mergeShards(a, b), EMPTY_SHARD));

  it('is the same in either order', () => {
    fc.assert(
      fc.property(observedShard, observedShard, (a, b) => {
        expect(contentOf(mergeShards(a, b))).toEqual(contentOf(mergeShards(b, a)));
      }),
    );
  });

  it('is the same however it is grouped', () => {
    fc.assert(
      fc.property(observedShard, observedShard, observedShard, (a, b, c) => {
        expect(contentOf(mergeShards(mergeShards(a, b), c))).toEqual(contentOf(mergeShards(a, mergeShards(b, c))));
      }),
    );
  });

  it('changes nothing when it is done again', () => {
    fc.assert(
      fc.property(observedShard, observedShard, (a, b) => {
        const once = mergeShards(a, b);
        expect(contentOf(mergeShards(once, a))).toEqual(contentOf(once));
        expect(contentOf(mergeShards(once, b))).toEqual(contentOf(once));
        expect(contentOf(mergeShards(a, a))).toEqual(contentOf(a));
      }),
    );
  });

  it('keeps every running task of either at its newest version, unless somebody saw it stop', () => {
    fc.assert(
      fc.property(fc.array(observedShard, { maxLength: 4 }), (shards) => {
        const after = shards.reduce((a, b) => mergeShards(a, b), EMPTY_SHARD);
        const stopped = new Set(shards.flatMap((shard) => [...shard.stopped.keys()]));
        expect(new Set(after.stopped.keys())).toEqual(stopped);
        const seen = shards.flatMap((shard) => [...shard.tasks.values()]).filter(({ taskId }) => !stopped.has(taskId));
        expect(new Set(after.tasks.keys())).toEqual(new Set(seen.map(({ taskId }) => taskId)));
        for (const { taskId, version } of seen)
          expect(after.tasks.get(taskId)?.version).toBeGreaterThanOrEqual(version);
      }),
    );
  });

  it('keeps the longer memory of a stop', () => {
    expect(mergeShards(stoppedShard(1010), stoppedShard(1050)).stopped.get(idOf(1))).toBe(1050);
    expect(mergeShards(stoppedShard(1050), stoppedShard(1010)).stopped.get(idOf(1))).toBe(1050);
  });

  it('takes what was written later where two saw the same version', () => {
    const earlier = shardOf([targets(1, { address: '10.0.0.1' })]);
    const later = shardOf([targets(1, { address: '10.9.9.9' })]);
    expect(contentOf(mergeShards(earlier, later))).toEqual(contentOf(later));
  });

  it('loses no running task and no stop that either writer brought', () => {
    fc.assert(
      fc.property(observedShard, fc.array(observedChange), fc.array(observedChange), (start, mine, theirs) => {
        const a = applyChanges(start, mine, NOW);
        const b = applyChanges(start, theirs, NOW);
        const together = mergeShards(a, b);
        for (const taskId of [...a.stopped.keys(), ...b.stopped.keys()]) {
          expect(together.stopped.has(taskId)).toBe(true);
          expect(together.tasks.has(taskId)).toBe(false);
        }
        for (const { taskId, version } of [...a.tasks.values(), ...b.tasks.values()]) {
          if (together.stopped.has(taskId)) continue;
          expect(together.tasks.get(taskId)?.version).toBeGreaterThanOrEqual(version);
        }
      }),
    );
  });

  it('is what one writer after the other would have written', () => {
    fc.assert(
      fc.property(observedShard, fc.array(observedChange), fc.array(observedChange), (start, mine, theirs) => {
        const deselected = new Set([...mine, ...theirs].filter(({ kind }) => kind === 'deselect').map(changedTask));
        const isContested = (change: ShardChange): boolean =>
          deselected.has(changedTask(change)) &&
          [...mine, ...theirs].some((it) => it !== change && changedTask(it) === changedTask(change));
        // Of two who disagree whether a task is selected at all, one is as right as the other.
        const [a, b] = [mine, theirs].map((changes) => changes.filter((change) => !isContested(change))) as [
          ShardChange[],
          ShardChange[],
        ];
        const raced = mergeShards(applyChanges(start, a, NOW), applyChanges(start, b, NOW), start);
        expect(contentOf(raced)).toEqual(contentOf(applyChanges(start, [...a, ...b], NOW)));
      }),
    );
  });

  it('keeps what one of them changed where the other only carried it along', () => {
    const start = shardOf([targets(1), targets(2), targets(3)]);
    const moved = targets(1, { address: '10.9.9.9' });
    const changed = shardOf([moved, targets(3)]);
    const other = shardOf([targets(1), targets(2), targets(3), targets(4)]);
    const expected = contentOf(shardOf([moved, targets(3), targets(4)]));
    expect(contentOf(mergeShards(changed, other, start))).toEqual(expected);
    expect(contentOf(mergeShards(other, changed, start))).toEqual(expected);
  });

  it('keeps a task that one of them changed and the other took out', () => {
    const start = shardOf([targets(1)]);
    const moved = shardOf([targets(1, { version: 2, address: '10.9.9.9' })]);
    expect(contentOf(mergeShards(moved, EMPTY_SHARD, start))).toEqual(contentOf(moved));
    expect(contentOf(mergeShards(EMPTY_SHARD, moved, start))).toEqual(contentOf(moved));
  });

  it('of any number of histories in any order ends in one state', () => {
    fc.assert(
      fc.property(fc.array(observedShard, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (shards, order) => {
        const shuffled = shards.map((shard) => ({ shard, at: order.next().value })).sort((a, b) => a.at - b.at);
        expect(merged(shuffled.map(({ shard }) => shard))).toEqual(merged(shards));
      }),
    );
  });
});

describe('the memory of a stop', () => {
  it('lasts twice as long as an observation may be old when it is written', () => {
    expect(STOP_MEMORY_SECONDS).toBeGreaterThanOrEqual(2 * OBSERVATION_LIFETIME_SECONDS);
    const after = applyChanges(running(3), [stop(1)], NOW);
    expect(forgetStops(after, NOW + 2 * OBSERVATION_LIFETIME_SECONDS - 1).stopped.has(idOf(1))).toBe(true);
    expect(forgetStops(after, UNTIL).stopped.has(idOf(1))).toBe(false);
  });

  it('ends without touching the tasks', () => {
    const shard = shardOf([targets(2)], { [idOf(1)]: 10, [idOf(3)]: 30 });
    expect(contentOf(forgetStops(shard, 20))).toEqual(contentOf(shardOf([targets(2)], { [idOf(3)]: 30 })));
  });
});

describe('two shards', () => {
  it('are the same in whatever order they were filled, and however long their stops are remembered', () => {
    const a = shardOf([targets(1), targets(2)], { [idOf(3)]: 10 });
    expect(sameShard(a, shardOf([targets(2), targets(1)], { [idOf(3)]: 99 }))).toBe(true);
  });

  it.each<[string, Shard]>([
    ['a task more', shardOf([targets(1), targets(2)], { [idOf(3)]: 10 })],
    ['another task', shardOf([targets(2)], { [idOf(3)]: 10 })],
    ['another address', shardOf([targets(1, { address: '10.9.9.9' })], { [idOf(3)]: 10 })],
    ['a label more', shardOf([targets(1, { labels: { ...targets(1).labels, namespace: 'ns' } })], { [idOf(3)]: 10 })],
    ['another port', shardOf([targets(1, { targets: [{ port: 1, labels: {} }] })], { [idOf(3)]: 10 })],
    ['no stop', shardOf([targets(1)])],
    ['another stop', shardOf([targets(1)], { [idOf(4)]: 10 })],
  ])('are not the same with %s', (_, other) => {
    const shard = shardOf([targets(1)], { [idOf(3)]: 10 });
    expect(sameShard(shard, other)).toBe(false);
    expect(sameShard(other, shard)).toBe(false);
  });
});

it('targets that differ in the version of their task alone are the same', () => {
  expect(sameTargets(targets(1, { version: 1 }), targets(1, { version: 9 }))).toBe(true);
  expect(sameTargets(targets(1), targets(1, { address: '10.9.9.9' }))).toBe(false);
});
