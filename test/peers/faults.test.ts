import { expect, it } from '@jest/globals';
import { FAULTS, hits } from './faults.ts';

it('there are eight faults with names of their own', () => {
  expect(new Set(FAULTS.map(({ what }) => what)).size).toBe(8);
});

it('a fault hits its calls, or all of its service', () => {
  const [list] = FAULTS;
  const ec2 = FAULTS.find(({ service }) => service === 'ec2');
  expect([hits(list, 'ecs', 'ListTasks'), hits(list, 'ecs', 'DescribeTasks')]).toEqual([true, false]);
  expect([hits(ec2, 'ec2', 'DescribeInstances'), hits(ec2, 'ecs', 'ListTasks')]).toEqual([true, false]);
  expect(hits(undefined, 'ecs', 'ListTasks')).toBe(false);
});
