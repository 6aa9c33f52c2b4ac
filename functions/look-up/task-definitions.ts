/** Task definitions, asked for once. */
import type { Ecs } from '../aws/ecs.ts';
import type { Clock } from '../discovery/clock.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import { createLoader } from './expiring-loader.ts';

export interface TaskDefinitions {
  /** @throws what ECS answers */
  load(arn: string): Promise<TaskDefinition>;
}

/** A revision never changes; the limit only bounds the memory. */
const SECONDS = 24 * 60 * 60;

export const createTaskDefinitions = (ecs: Pick<Ecs, 'describeTaskDefinition'>, clock: Clock): TaskDefinitions =>
  createLoader<TaskDefinition>(async ([arn = '']) => new Map([[arn, await ecs.describeTaskDefinition(arn)]]), {
    batchSize: 1,
    seconds: SECONDS,
    clock,
  });
