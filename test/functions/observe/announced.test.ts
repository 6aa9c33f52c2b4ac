import { describe, expect, it } from '@jest/globals';
import { createAnnounced } from '../../../functions/observe/announced.ts';
import { upsert } from '../../factories/stages.ts';
import { aTask } from '../../factories/tasks.ts';

describe('the memory of a warm function', () => {
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
