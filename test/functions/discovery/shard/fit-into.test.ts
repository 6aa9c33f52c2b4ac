import { describe, expect, it } from '@jest/globals';
import { fitInto } from '../../../../functions/discovery/shard/fit-into.ts';
import { EMPTY_SHARD, type Shard } from '../../../../functions/discovery/shard/shard.ts';
import { decodeShard } from '../../../../functions/discovery/shard/shard-codec.ts';
import type { TaskTargets } from '../../../../functions/discovery/target/task-targets.ts';
import { contentOf, noise, shardOf, stopped, targets } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const LIMIT = 4096;
const wide = (number: number, bytes: number, version = 1): TaskTargets =>
  targets(number, { version, labels: { job: noise(number + 7 * version, bytes) } });
/** A shard that goes on from another one, with the tasks that did not change. */
const extended = (before: Shard, tasks: readonly TaskTargets[]): Shard => ({
  tasks: new Map([...before.tasks, ...shardOf(tasks).tasks]),
  removed: before.removed,
});

describe('what fits into a parameter', () => {
  it('is all of it, where it does', () => {
    const wanted = shardOf([targets(1), targets(2)], { [idOf(3)]: stopped() });
    const fitted = fitInto(wanted, EMPTY_SHARD, 7, LIMIT);
    expect(fitted).toMatchObject({ shard: wanted, refused: [] });
    expect(decodeShard(fitted?.text ?? '')).toEqual({ base: 7, shard: wanted });
  });

  it('is never less than was in it: the largest of what is new stays out', () => {
    const before = shardOf([wide(1, 1500)]);
    const fitted = fitInto(extended(before, [wide(2, 5000), wide(3, 100), wide(4, 200)]), before, 7, LIMIT);
    expect(fitted?.refused).toEqual([idOf(2)]);
    expect([...(fitted?.shard.tasks.keys() ?? [])]).toEqual([1, 3, 4].map(idOf));
  });

  it('keeps a task as it was where its new targets are too large', () => {
    const before = shardOf([wide(1, 100), wide(2, 100)]);
    const fitted = fitInto(extended(before, [wide(1, 6000, 2), wide(2, 200, 2)]), before, 7, LIMIT);
    expect(fitted?.refused).toEqual([idOf(1)]);
    expect([...(fitted?.shard.tasks.values() ?? [])].map((it) => it.targets.version)).toEqual([1, 2]);
  });

  it('is rather what grows little than what is new, however large either is', () => {
    const before = shardOf([wide(1, 2000)]);
    const fitted = fitInto(extended(before, [wide(1, 2100, 2), wide(2, 1900)]), before, 7, LIMIT);
    expect(fitted?.refused).toEqual([idOf(2)]);
    expect(fitted?.shard.tasks.get(idOf(1))?.targets.version).toBe(2);
  });

  it('is nothing where even what was in it does not fit', () => {
    const before = shardOf([wide(1, 6000)]);
    expect(fitInto(before, before, 7, LIMIT)).toBeUndefined();
  });

  it('is what its document holds, within the limit; what is refused is as it was', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 2500 }), { maxLength: 5 });
    fc.assert(
      fc.property(sizes, sizes, (had, wants) => {
        const before = shardOf(had.map((bytes, number) => wide(number, bytes / 3)));
        const wanted = extended(
          before,
          wants.map((bytes, number) => wide(number + 2, bytes, 2)),
        );
        const fitted = fitInto(wanted, before, 7, LIMIT);
        if (!fitted) return;
        expect(Buffer.byteLength(fitted.text)).toBeLessThanOrEqual(LIMIT);
        expect(contentOf(decodeShard(fitted.text).shard)).toEqual(contentOf(fitted.shard));
        for (const [taskId, task] of wanted.tasks) {
          const isRefused = fitted.refused.includes(taskId);
          expect(fitted.shard.tasks.get(taskId)).toEqual(isRefused ? before.tasks.get(taskId) : task);
        }
      }),
      { numRuns: 40 },
    );
  });
});
