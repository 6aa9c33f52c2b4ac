import type { Log, LogFields } from './log.ts';

/** Problems that last, each told once when it begins or changes, and once when it is over. */
export interface Incidents {
  begin(subject: string, problem: string, fields?: LogFields): void;
  end(subject: string): void;
  /** The problems there are now. */
  open(): readonly string[];
}

export function createIncidents(log: Log): Incidents {
  const open = new Map<string, string>();
  return {
    begin(subject, problem, fields = {}) {
      if (open.get(subject) === problem) return;
      open.set(subject, problem);
      log('error', problem, { subject, ...fields });
    },
    end(subject) {
      if (open.delete(subject)) log('info', 'works again', { subject });
    },
    open: () => [...open.values()],
  };
}
