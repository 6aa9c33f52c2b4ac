/** Tasks and statements about them, as short as a test wants to say them. */

import type { Configuration } from '../../../containers/target-sync/sync/shard-state.ts';
import type { Announcement } from '../../../functions/discovery/change/announcement.ts';
import { encodeAnnouncement } from '../../../functions/discovery/change/announcement.ts';
import type { Deselect, Stop, TaskChange, Upsert } from '../../../functions/discovery/change/change.ts';
import { applyChanges, EMPTY_SHARD, type Shard } from '../../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';

/** Seconds since 1970 of the tests' present. */
export const NOW = Date.parse('2026-11-25T12:00:00Z') / 1000;

export const taskId = (number: number): TaskId => number.toString(16).padStart(32, '0') as TaskId;

/** A number from 0 that belongs in a shard; `nth` tells several apart. */
export function numberIn(shard: number, shards: number, nth = 0): number {
  const fitting = Array.from({ length: 200 }, (_, number) => number).filter(
    (number) => shardOfTask(taskId(number), shards) === shard,
  );
  return fitting[nth] as number;
}

export const address = (number: number, port = 3000): string => `10.0.${number >> 8}.${number & 255}:${port}`;

export const upsert = (number: number, version = 1, observed = NOW, port = 3000): Upsert => ({
  kind: 'upsert',
  taskId: taskId(number),
  version,
  observed,
  targets: {
    taskId: taskId(number),
    version,
    address: `10.0.${number >> 8}.${number & 255}`,
    labels: { cluster: 'prod', service: 'web' },
    targets: [{ port, labels: { __metrics_path__: '/metrics' } }],
  },
});

export const stop = (number: number, version = 9, observed = NOW): Stop => ({
  kind: 'stop',
  taskId: taskId(number),
  version,
  observed,
});

export const deselect = (number: number, version = 1, observed = NOW): Deselect => ({
  kind: 'deselect',
  taskId: taskId(number),
  version,
  observed,
});

export const shardWith = (...changes: TaskChange[]): Shard => applyChanges(EMPTY_SHARD, changes);

export const configuration = (version: number, ...changes: TaskChange[]): Configuration => ({
  version,
  shard: shardWith(...changes),
});

/** The body of a message with these changes, and what else an announcement says. */
export const announcing = (changes: readonly TaskChange[], more: Partial<Announcement> = {}): string =>
  encodeAnnouncement({
    ...{ deployment: 'discovery', cluster: 'prod', misregistered: [], compared: [], written: [], changes },
    ...more,
  })[0]?.body ?? '';
