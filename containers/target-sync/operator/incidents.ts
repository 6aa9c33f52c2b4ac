import type { Log, LogFields } from './log.ts';

/** A problem that lasts. */
export interface Incident {
  /** What has it: `queue`, a cluster, a shard such as `prod/0`, or its file. */
  readonly subject: string;
  readonly problem: string;
  /** When the subject began to have one, in milliseconds since 1970. */
  readonly since: number;
}

/** Problems that last, each logged once when it begins or changes, and once when it is over. */
export interface Incidents {
  begin(subject: string, problem: string, fields?: LogFields): void;
  end(subject: string): void;
  /** The problems there are now, the oldest first. */
  open(): readonly Incident[];
}

/** @param now milliseconds since 1970 */
export function createIncidents(log: Log, now: () => number): Incidents {
  const open = new Map<string, Incident>();
  return {
    begin(subject, problem, fields = {}) {
      const before = open.get(subject);
      if (before?.problem === problem) return;
      open.set(subject, { subject, problem, since: before?.since ?? now() });
      log('error', problem, { subject, ...fields });
    },
    end(subject) {
      if (open.delete(subject)) log('info', 'works again', { subject });
    },
    open: () => [...open.values()],
  };
}
