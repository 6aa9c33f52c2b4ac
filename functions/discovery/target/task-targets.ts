/** A task and the scrape targets it offers: what a shard stores and what target files are made from. */

import { type Rejection, reject } from '../selection/rejection.ts';
import type { ScrapeEndpoint } from '../selection/scrape-endpoint.ts';
import type { Task, TaskId } from '../task/task.ts';
import type { NetworkMode } from '../task/task-definition.ts';
import { scrapeAddress, scrapePort } from './address.ts';
import { LABELS, type Labels } from './labels.ts';

export interface TaskTargets {
  readonly taskId: TaskId;
  /** Version of the task that this was made from. */
  readonly version: number;
  readonly address: string;
  /** Labels that all targets of the task share. */
  readonly labels: Labels;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly port: number;
  /** Labels of this target alone, among them its path. */
  readonly labels: Labels;
}

export interface TargetsOfTask {
  /** Absent when nothing of the task can be scraped. */
  readonly targets?: TaskTargets;
  readonly rejections: readonly Rejection[];
}

/** Turns the endpoints that were selected for a task into its targets, sorted by port and path. */
export function targetsOfTask(
  task: Task,
  mode: NetworkMode,
  endpoints: readonly ScrapeEndpoint[],
  { hostAddress, namespace }: { readonly hostAddress?: string | undefined; readonly namespace?: string | undefined },
): TargetsOfTask {
  const address = scrapeAddress(task, mode, hostAddress);
  if (typeof address !== 'string') return { rejections: [address] };

  const rejections: Rejection[] = [];
  const targets = new Map<string, Target>();
  for (const endpoint of endpoints) {
    const port = scrapePort(task, mode, endpoint);
    if (typeof port !== 'number') rejections.push(port);
    else targets.set(`${port}${endpoint.path}`, { port, labels: endpointLabels(endpoint) });
  }
  if (targets.size === 0) {
    return { rejections: rejections.length > 0 ? rejections : [reject('not-selected', 'nothing selects the task')] };
  }
  return {
    rejections,
    targets: {
      taskId: task.id,
      version: task.version,
      address,
      labels: taskLabels(task, namespace),
      targets: [...targets.values()].sort(byPortAndPath),
    },
  };
}

function byPortAndPath(a: Target, b: Target): number {
  if (a.port !== b.port) return a.port - b.port;
  return (a.labels[LABELS.metricsPath] ?? '') < (b.labels[LABELS.metricsPath] ?? '') ? -1 : 1;
}

/** Keys in a fixed order, so that equal labels are equal bytes. */
const taskLabels = (task: Task, namespace: string | undefined): Labels => ({
  [LABELS.cluster]: task.cluster,
  ...(task.service !== undefined && { [LABELS.service]: task.service }),
  [LABELS.taskDefinition]: task.family,
  ...(namespace !== undefined && { [LABELS.namespace]: namespace }),
});

const endpointLabels = ({ path, scheme, container, job }: ScrapeEndpoint): Labels => ({
  [LABELS.metricsPath]: path,
  ...(scheme === 'https' && { [LABELS.scheme]: scheme }),
  ...(container !== undefined && { [LABELS.container]: container }),
  ...(job !== undefined && { [LABELS.job]: job }),
});
