/** The parts of a deployment that alarms and the dashboard look at. */
import type { Observe } from '../observe/observe.ts';
import type { Register } from '../register/register.ts';
import type { Resync } from '../resync/resync.ts';
import type { Store } from '../store/store.ts';
import type { TargetsChanged } from '../targets-changed.ts';
import type { WatchedCluster } from '../watched-cluster.ts';

export interface WatchedParts {
  /** Name of the deployment: a dimension of every metric. */
  readonly deployment: string;
  readonly clusters: readonly WatchedCluster[];
  readonly observe: Observe;
  readonly store: Store;
  /** Undefined where Cloud Map is not used. */
  readonly register: Register | undefined;
  readonly resync: Resync;
  readonly targetsChanged: TargetsChanged;
}
