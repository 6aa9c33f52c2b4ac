import { METRICS } from '../discovery/metric-names.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import type { Report } from './report.ts';

/** Says why a task, or an endpoint of it, is not scraped. */
export function reportRejections(
  report: Report,
  cluster: string,
  { taskId, rejections }: { readonly taskId: string; readonly rejections: readonly Rejection[] },
): void {
  for (const { reason, message } of rejections) {
    report.warn('task is not scraped', { cluster, taskId, reason, problem: message });
    report.count(METRICS.skipped, 1, { cluster, reason });
  }
}
