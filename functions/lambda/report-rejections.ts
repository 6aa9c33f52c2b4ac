import { METRICS } from '../discovery/metric-names.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import type { Warning } from '../discovery/selection/warning.ts';
import type { Task } from '../discovery/task/task.ts';
import type { Report } from './report.ts';

/** What a look at a task found out about the words that select it. */
export interface Findings {
  readonly taskId: string;
  readonly task?: Pick<Task, 'family'>;
  readonly rejections: readonly Rejection[];
  readonly warnings?: readonly Warning[];
}

/**
 * Says why a task, or an endpoint of it, is not scraped, and which of its labels and tags have no effect. The latter once
 * for the tasks of a family, for as long as the function is warm: they are a mistake in a definition, not in a task.
 */
export function reportRejections(report: Report, cluster: string, findings: Findings): void {
  const { taskId, task, rejections, warnings = [] } = findings;
  for (const { reason, message } of rejections) {
    report.warn('task is not scraped', { cluster, taskId, reason, problem: message });
    report.count(METRICS.skipped, 1, { cluster, reason });
  }
  const said = saidBy(report);
  for (const { message } of warnings) {
    const key = JSON.stringify([cluster, task?.family, message]);
    if (said.has(key)) continue;
    if (said.size >= MOST) said.clear();
    said.add(key);
    report.warn('label or tag has no effect', { cluster, taskDefinition: task?.family, taskId, problem: message });
  }
}

/** Far more mistakes than one person makes between two cold starts. */
const MOST = 10_000;

const saidByReport = new WeakMap<Report, Set<string>>();

function saidBy(report: Report): Set<string> {
  const said = saidByReport.get(report) ?? new Set();
  saidByReport.set(report, said);
  return said;
}
