/**
 * Whether target-sync can do its job. `failing` means that nothing at all could be read and published for a long time. A
 * single shard that fails is in the log and in the answer, and does not make it that.
 */
export interface Health {
  /** A shard's file was found or made to be current. */
  contact(): void;
  report(): HealthReport;
}

export interface HealthReport {
  readonly status: 'starting' | 'ok' | 'failing';
  readonly secondsSinceContact?: number;
}

/** @param patience milliseconds without contact before it counts as failing */
export function createHealth(now: () => number, patience: number): Health {
  let last: number | undefined;
  return {
    contact: () => {
      last = now();
    },
    report: () => {
      if (last === undefined) return { status: 'starting' };
      const since = now() - last;
      return { status: since <= patience ? 'ok' : 'failing', secondsSinceContact: Math.round(since / 1000) };
    },
  };
}
