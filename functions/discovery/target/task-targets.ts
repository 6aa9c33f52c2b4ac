/** A task and the scrape targets it offers: what a shard stores and what target files are made from. */

import { containerOf } from '../selection/container-of.ts';
import { type Rejection, reject } from '../selection/rejection.ts';
import type { ScrapeEndpoint } from '../selection/scrape-endpoint.ts';
import type { Task, TaskId } from '../task/task.ts';
import type { NetworkMode } from '../task/task-definition.ts';
import { scrapeAddress, scrapePorts } from './address.ts';
import { LABELS, type Labels, PARAMETER_LABEL, queryOf } from './labels.ts';
import { containerMetaLabels } from './meta-labels.ts';
import { type TaskContext, taskLabels } from './task-labels.ts';

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

interface TargetsOfTask {
  /** Absent when nothing of the task can be scraped. */
  readonly targets?: TaskTargets;
  readonly rejections: readonly Rejection[];
}

/** Turns the endpoints that were selected for a task into its targets, sorted by port, path and query. */
export function targetsOfTask(
  task: Task,
  mode: NetworkMode,
  endpoints: readonly ScrapeEndpoint[],
  { hostAddress, ...context }: TaskContext & { readonly hostAddress?: string | undefined },
): TargetsOfTask {
  const address = scrapeAddress(task, mode, hostAddress);
  if (typeof address !== 'string') return { rejections: [address] };

  const found = endpoints.flatMap((endpoint): (Reached | Rejection)[] => {
    const ports = scrapePorts(task, mode, endpoint, address);
    if ('reason' in ports) return [ports];
    return ports.map(({ port, ...container }) => ({ port, endpoint: { ...endpoint, ...container } }));
  });
  const rejections = found.filter((it): it is Rejection => 'reason' in it);
  const reached = found.filter((it): it is Reached => 'endpoint' in it);
  if (reached.length === 0) {
    return { rejections: rejections.length > 0 ? rejections : [reject('not-selected', 'nothing selects the task')] };
  }
  return {
    rejections,
    targets: {
      taskId: task.id,
      version: task.version,
      address,
      labels: taskLabels(task, context),
      targets: eachOnce(reached)
        .map((one) => targetOf(one, context))
        .sort(byPortAndRequest),
    },
  };
}

/** An endpoint with the port that it answers at. */
interface Reached {
  readonly port: number;
  readonly endpoint: ScrapeEndpoint;
}

/** Two endpoints that are one request are one target. */
function eachOnce(reached: readonly Reached[]): Reached[] {
  const keyOf = ({ port, endpoint: { path, params = {} } }: Reached): string =>
    JSON.stringify([port, path, Object.entries(params).sort()]);
  return [...Map.groupBy(reached, keyOf).values()].map((same) => same.reduce(merged));
}

/** The target is that of the container with the port mapping, else the first; what it leaves out, the other says. */
function merged(known: Reached, other: Reached): Reached {
  const [{ endpoint: first }, { endpoint: second }] =
    other.endpoint.isMapped && !known.endpoint.isMapped ? [other, known] : [known, other];
  return { port: known.port, endpoint: { ...second, ...first, labels: { ...second.labels, ...first.labels } } };
}

function targetOf({ port, endpoint }: Reached, { labels, definition }: TaskContext): Target {
  const container = labels?.meta && definition && containerOf(endpoint, definition);
  const meta = container && containerMetaLabels(container, endpoint.container !== undefined);
  return { port, labels: { ...endpointLabels(endpoint), ...meta } };
}

function byPortAndRequest(a: Target, b: Target): number {
  if (a.port !== b.port) return a.port - b.port;
  const requestOf = ({ labels }: Target): string => `${labels[LABELS.metricsPath]}?${queryOf(labels)}`;
  return requestOf(a) < requestOf(b) ? -1 : 1;
}

const endpointLabels = ({ path, scheme, container, job, params = {}, labels = {} }: ScrapeEndpoint): Labels => ({
  [LABELS.metricsPath]: path,
  ...(scheme === 'https' && { [LABELS.scheme]: scheme }),
  ...(container !== undefined && { [LABELS.container]: container }),
  ...(job !== undefined && { [LABELS.job]: job }),
  ...sorted(Object.entries(params).map(([name, value]) => [PARAMETER_LABEL + name, value])),
  ...sorted(Object.entries(labels)),
});

const sorted = (entries: [string, string][]): Labels =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
