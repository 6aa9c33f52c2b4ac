import { describe, expect, it } from '@jest/globals';
import { shardParameterName } from '../../../../functions/discovery/names.ts';
import { shardOfTask } from '../../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../../../functions/discovery/task/task.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const taskIds = Array.from({ length: 1000 }, (_, number) => idOf(number));
const someId = fc.oneof(fc.stringMatching(/^[0-9a-f]{32}$/), fc.uuid()).map((id) => id as TaskId);
const someCount = fc.integer({ min: 1, max: 40 });

describe('the shard of a task', () => {
  it('is one of those that there are', () => {
    fc.assert(
      fc.property(someId, someCount, (id, shards) => {
        const shard = shardOfTask(id, shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      }),
    );
  });

  it('does not change from one version of this project to the next', () => {
    // Written down once: another placement would move every task of whoever has deployed this.
    const recorded = [
      'f8bec92bed774ee4b27711702a862de5',
      'cdd887a827a4432db19f6059310a4817',
      'b99d40b3-5176-4f71-9a52',
    ];
    expect(recorded.map((id) => [2, 5, 16].map((shards) => shardOfTask(id as TaskId, shards)))).toEqual([
      [1, 3, 3],
      [1, 3, 9],
      [1, 1, 6],
    ]);
  });

  it('changes to the new shard or not at all when there is one more', () => {
    fc.assert(
      fc.property(someId, someCount, (id, shards) => {
        expect([shardOfTask(id, shards), shards]).toContain(shardOfTask(id, shards + 1));
      }),
    );
  });

  it.each([1, 2, 4, 9])('changes for one task in n + 1 when %i shards become one more', (shards) => {
    const moved = taskIds.filter((id) => shardOfTask(id, shards) !== shardOfTask(id, shards + 1)).length;
    const expected = taskIds.length / (shards + 1);
    expect(Math.abs(moved - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  it.each([2, 5, 16])('is any of %i alike often, also for ids that differ in their last digits alone', (shards) => {
    const counts = new Array<number>(shards).fill(0);
    for (const shard of taskIds.map((id) => shardOfTask(id, shards))) counts[shard] = (counts[shard] ?? 0) + 1;
    const expected = taskIds.length / shards;
    for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

it('a shard has a parameter of its own by deployment, cluster and number', () => {
  expect(shardParameterName('ecs-prometheus-discovery', 'prod', 3)).toBe('/ecs-prometheus-discovery/prod/targets/3');
});
