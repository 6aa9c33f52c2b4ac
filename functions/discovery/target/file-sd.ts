/** Targets in the form that Prometheus and the collector read from file_sd and http_sd. */

import { LABELS, type Labels, queryOf } from './labels.ts';
import { derivedMetaLabels } from './meta-labels.ts';
import type { Target, TaskTargets } from './task-targets.ts';

export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Labels;
}

/** One group a target, sorted by task and port: the same tasks always give the same bytes. */
export function targetGroups(tasks: Iterable<TaskTargets>): TargetGroup[] {
  return [...tasks].sort((a, b) => (a.taskId < b.taskId ? -1 : 1)).flatMap(groupsOfTask);
}

function groupsOfTask(task: TaskTargets): TargetGroup[] {
  const sharesPort = (target: Target): boolean =>
    task.targets.some((other) => other !== target && other.port === target.port);
  return task.targets.map((target) => ({
    targets: [task.address.includes(':') ? `[${task.address}]:${target.port}` : `${task.address}:${target.port}`],
    labels: {
      ...task.labels,
      [LABELS.taskId]: task.taskId,
      [LABELS.instance]: task.address,
      [LABELS.port]: String(target.port),
      ...(sharesPort(target) && { [LABELS.sharedPortPath]: requestOf(target) }),
      ...target.labels,
      ...derivedMetaLabels({ ...task.labels, ...target.labels }, task),
    },
  }));
}

/** Path and query of the request, which tell two targets on one port apart. */
function requestOf({ labels }: Target): string {
  const query = queryOf(labels);
  return `${labels[LABELS.metricsPath] ?? ''}${query && `?${query}`}`;
}
