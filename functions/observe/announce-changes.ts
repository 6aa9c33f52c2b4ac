/** Announces what follows from the events of one cluster, and remembers it. */
import type { Announcer } from '../aws/sns.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import type { Clock } from '../discovery/clock.ts';
import { METRICS } from '../discovery/metric-names.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { Announced } from './announced.ts';
import type { EventTask } from './event-tasks.ts';

export interface AnnounceDeps {
  readonly announcer: Announcer;
  readonly announced: Announced;
  readonly report: Report;
  readonly clock: Clock;
  readonly settings: Pick<DiscoverySettings, 'deployment'>;
}

/** Tasks, by ARN, whose messages have to come again, with the reason. */
export type Failed = readonly (readonly [string, Error])[];

export async function announceChanges(
  { announcer, announced, settings, report, clock }: AnnounceDeps,
  cluster: string,
  changes: readonly (readonly [EventTask, TaskChange])[],
): Promise<Failed> {
  if (changes.length === 0) return [];
  const changedAt = Math.min(...changes.map(([event]) => event.changedAt));
  const failed = await announcer.announce([
    {
      deployment: settings.deployment,
      cluster,
      changes: changes.map(([, change]) => change),
      changedAt,
      misregistered: [],
      compared: [],
      written: [],
    },
  ]);
  const errors = new Map<TaskId, Error>(
    failed.flatMap(({ part, error }) => part.changes.map(({ taskId }) => [taskId, error])),
  );
  const done = changes.filter(([, { taskId }]) => !errors.has(taskId));
  for (const [{ task }, change] of done) announced.remember(change, task);
  const upserts = done.filter(([, { kind }]) => kind === 'upsert').length;
  report.count(METRICS.upserts, upserts, { cluster });
  report.count(METRICS.removals, done.length - upserts, { cluster });
  const age = clock.now() - changedAt;
  report.count(METRICS.eventAge, age, { cluster });
  report.info('announced', { cluster, upserts, removals: done.length - upserts, eventAgeMilliseconds: age });
  return changes.flatMap(([{ task }, { taskId }]) => {
    const error = errors.get(taskId);
    return error ? [[task.arn, error] as const] : [];
  });
}
