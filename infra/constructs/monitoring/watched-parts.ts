/** The parts of a deployment that alarms and the dashboard look at. */

import type { TaskChange } from '../observe/observe.ts';
import type { Resync } from '../resync/resync.ts';
import type { TargetsChanged } from '../targets-changed.ts';
import type { WatchedCluster } from '../watched-cluster.ts';

export interface WatchedParts {
  readonly clusters: readonly WatchedCluster[];
  readonly taskChange: TaskChange;
  readonly resync: Resync;
  readonly targetsChanged: TargetsChanged;
}
