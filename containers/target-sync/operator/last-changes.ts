import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import type { SyncObserver } from '../sync/observer.ts';

/** A change that was heard, for a person. */
export interface LastChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cluster: string;
  readonly kind: TaskChange['kind'];
  readonly taskId: string;
  readonly service: string;
}

const KEPT = 50;

/** Remembers the last changes, the newest first. */
export function rememberChanges(now: () => number): SyncObserver & { all(): readonly LastChange[] } {
  let last: LastChange[] = [];
  return {
    heard(cluster, change) {
      const { kind, taskId } = change;
      const service = (kind === 'upsert' ? change.targets.labels[LABELS.service] : change.service) ?? '';
      last = [{ at: now(), cluster, kind, taskId, service }, ...last.slice(0, KEPT - 1)];
    },
    all: () => last,
  };
}
