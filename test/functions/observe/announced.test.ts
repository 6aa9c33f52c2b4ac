import { describe, expect, it } from '@jest/globals';
import { createAnnounced } from '../../../functions/observe/announced.ts';
import { upsert } from '../../factories/stages.ts';
import { aTask, type TaskOptions } from '../../factories/tasks.ts';

describe('the memory of a warm function', () => {
  const HOST = { number: 1, version: 3, host: 'h1' };

  it.each<[string, TaskOptions, TaskOptions]>([
    ['address', { number: 1, version: 3 }, { address: '10.0.0.77' }],
    ['host', HOST, { host: 'h2' }],
    ['service', HOST, { service: 'other' }],
    ['definition', HOST, { family: 'other' }],
  ])('covers a later version of the task, unless it has another %s', (_, known, other) => {
    const announced = createAnnounced();
    announced.remember(upsert(1), aTask(known));
    expect(announced.covers(aTask({ ...known, version: 4 }))).toBe(true);
    expect(announced.covers(aTask({ ...known, version: 4, ...other }))).toBe(false);
  });

  it('is bounded: the task that was announced longest ago is forgotten', () => {
    const announced = createAnnounced();
    const change = upsert(1);
    const taskOf = (number: number) => aTask({ number });
    const remember = (number: number) => {
      const task = taskOf(number);
      announced.remember({ ...change, taskId: task.id }, task);
    };
    for (let number = 1; number <= 20_000; number++) remember(number);
    remember(1);
    remember(20_001);
    expect([1, 2, 3, 20_001].map((number) => announced.covers(taskOf(number)))).toEqual([true, false, true, true]);
  });
});
