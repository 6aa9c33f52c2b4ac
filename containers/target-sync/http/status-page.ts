/** A page for a person: what target-sync knows, what happened last, and what is wrong. */
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import type { HealthReport } from '../operator/health.ts';
import type { Incident } from '../operator/incidents.ts';
import type { LastChange } from '../operator/last-changes.ts';
import type { ClusterTargets } from '../sync/cluster-targets.ts';
import type { Answer } from './answer.ts';
import { type Content, type Html, html, pageAnswer, table } from './html.ts';

export interface Status {
  readonly deployment: string;
  readonly health: HealthReport;
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  readonly problems: readonly Incident[];
  readonly changes: readonly LastChange[];
  /** Seconds since all of a cluster's configuration was read. */
  readonly configurationAge: (cluster: string) => number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Seconds until a browser loads the page again. */
const RELOAD = 10;
/** Services that are shown; a page with thousands would be of use to nobody. */
const MOST_SERVICES = 200;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** A number of seconds in the unit in which a person would say it, in one line. */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))}\u00a0s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u00a0min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}\u00a0h` : `${Math.round(seconds / 86_400)}\u00a0days`;
}

const ago = (seconds: number): string => `${duration(seconds)}\u00a0ago`;

const targetsOf = (tasks: readonly TaskTargets[]): number => tasks.reduce((sum, task) => sum + task.targets.length, 0);

function clusterRow(status: Status, cluster: string, known: ClusterTargets, tasks: readonly TaskTargets[]): Content[] {
  const { shards } = status;
  const unread = shards.filter((shard) => known.version(shard) === undefined).length;
  const read = unread === 0 ? ago(status.configurationAge(cluster)) : `not yet: ${unread} of ${shards.length}`;
  return [cluster, targetsOf(tasks), tasks.length, shards.length, read];
}

/** By name; tasks without a service, which somebody started by hand, last. */
function serviceRows(cluster: string, tasks: readonly TaskTargets[]): Content[][] {
  const services = [...Map.groupBy(tasks, ({ labels }) => labels[LABELS.service] ?? '')];
  const named = (name: string): Content => (name === '' ? html`<span class="calm">without a service</span>` : name);
  return services
    .sort(([one], [other]) => Number(one === '') - Number(other === '') || one.localeCompare(other))
    .map(([service, them]) => [named(service), cluster, targetsOf(them), them.length]);
}

function state({ health, problems }: Status): Html {
  if (health.status === 'starting') {
    return html`<p class="bad">It has just started and has read no configuration yet.</p>`;
  }
  if (health.status === 'failing') {
    const since = duration(health.secondsSinceContact ?? 0);
    return html`<p class="bad">No configuration could be read for ${since}. Targets that are known are still scraped.</p>`;
  }
  if (problems.length > 0) return html`<p class="bad">It works, with ${plural(problems.length, 'open problem')}.</p>`;
  return html`<p class="calm">It works.</p>`;
}

export function statusPage(status: Status): Answer {
  const { deployment, health, shards, now } = status;
  const clusters = [...status.clusters].map(([cluster, known]) => {
    const tasks = shards.flatMap((shard) => known.targets(shard) ?? []);
    return { row: clusterRow(status, cluster, known, tasks), services: serviceRows(cluster, tasks) };
  });
  const services = clusters.flatMap((it) => it.services);
  const more = services.length - MOST_SERVICES;
  const problems = status.problems.map(({ subject, problem, since }) => [
    ago((now - since) / 1000),
    subject,
    html`<span class="bad">${problem}</span>`,
  ]);
  const changes = status.changes.map(({ at, cluster, kind, taskId, service }) => [
    ago((now - at) / 1000),
    { upsert: 'runs', stop: 'stopped', deselect: 'not selected' }[kind],
    service,
    cluster,
    html`<code>${taskId}</code>`,
  ]);
  const body = html`<h1>target-sync of ${deployment}: ${health.status}</h1>
${state(status)}
<h2>Open problems</h2>
${table(['Began', 'Where', 'Problem'], problems, 'None.')}
<h2>Targets</h2>
${table(
  ['Cluster', 'Targets', 'Tasks', 'Shards', 'Last read'],
  clusters.map(({ row }) => row),
  'No cluster.',
)}
<h2>Services</h2>
${table(['Service', 'Cluster', 'Targets', 'Tasks'], services.slice(0, MOST_SERVICES), 'None has a target.')}
${more > 0 ? html`<p class="calm">${plural(more, 'more service')}: all targets are in <a href="/targets">/targets</a>.</p>` : ''}
<h2>Last changes</h2>
${table(['When', 'Change', 'Service', 'Cluster', 'Task id'], changes, 'None since target-sync was started.')}
<footer class="calm">Also here: <a href="/targets">/targets</a> for http_sd, <a href="/metrics">/metrics</a> for Prometheus.
This page loads itself again every ${RELOAD} s.</footer>`;
  const found = status.problems.length > 0 ? plural(status.problems.length, 'problem') : health.status;
  return pageAnswer({ title: `${found} – target-sync of ${deployment}`, body, seconds: RELOAD });
}
