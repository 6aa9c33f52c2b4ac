import { expect, it } from '@jest/globals';
import { problemOfHealth } from '../../../../functions/discovery/target/health.ts';
import type { Task } from '../../../../functions/discovery/task/task.ts';
import type { TaskDefinition } from '../../../../functions/discovery/task/task-definition.ts';
import { aTask, definitionArn } from '../../../factories/tasks.ts';

const definition = (hasHealthCheck: boolean): TaskDefinition => ({
  arn: definitionArn('shop'),
  networkMode: 'awsvpc',
  containers: [],
  ...(hasHealthCheck && { hasHealthCheck }),
});
const task = (healthStatus?: Task['healthStatus']): Task => ({
  ...aTask(),
  ...(healthStatus && { healthStatus }),
});

it.each([
  ['HEALTHY', undefined],
  ['UNHEALTHY', { reason: 'unhealthy', message: expect.stringContaining('UNHEALTHY') }],
  [undefined, { reason: 'unhealthy', incomplete: true }],
] as const)('a task with a health check that is %s', (status, problem) => {
  const found = problemOfHealth(task(status), definition(true));
  if (problem) expect(found).toMatchObject(problem);
  else expect(found).toBeUndefined();
});

it('a task without a health check has no problem, whatever ECS calls its health', () => {
  expect(problemOfHealth(task(), definition(false))).toBeUndefined();
  expect(problemOfHealth(task('UNHEALTHY'), definition(false))).toBeUndefined();
});
