/** The parts of a deployment that alarms and the dashboard look at. */
import type { Resync } from './resync.ts';
import type { TargetsChanged } from './targets-changed.ts';
import type { TaskChange } from './task-change.ts';
import type { WatchedCluster } from './watched-cluster.ts';

export interface WatchedParts {
  readonly clusters: readonly WatchedCluster[];
  readonly taskChange: TaskChange;
  readonly resync: Resync;
  readonly targetsChanged: TargetsChanged;
}
