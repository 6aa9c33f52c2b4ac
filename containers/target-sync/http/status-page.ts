/** A page for a person: what target-sync knows, what happened last, and what is wrong. */
import type { HealthReport } from '../operator/health.ts';
import type { LastChange } from '../operator/last-changes.ts';
import type { ClusterTargets } from '../sync/cluster-targets.ts';
import type { Answer } from './answer.ts';

export interface Status {
  readonly deployment: string;
  readonly health: HealthReport;
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  readonly problems: readonly string[];
  readonly changes: readonly LastChange[];
  /** Seconds since all of a cluster's configuration was read. */
  readonly configurationAge: (cluster: string) => number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (content: string | number): string => String(content).replace(/[&<>"]/g, (it) => ENTITIES[it] ?? it);

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1f24 }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #d8dee4 }
td.number, th.number { text-align: right } code { font-size: .9em }
.problem { color: #a40e26 } .calm { color: #57606a }`;

/** What the numbers of a cell mean: seconds in words. */
const ago = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 60)} min ago`;

type Cell = string | number;

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], empty: string): string {
  if (rows.length === 0) return `<p class="calm">${escaped(empty)}</p>`;
  const kind = (index: number): string => (typeof rows[0]?.[index] === 'number' ? ' class="number"' : '');
  const head = heads.map((it, index) => `<th scope="col"${kind(index)}>${escaped(it)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((it, index) => `<td${kind(index)}>${escaped(it)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

function clusterRow(status: Status, cluster: string, known: ClusterTargets): Cell[] {
  const shown = status.shards.flatMap((shard) => known.targets(shard) ?? []);
  const targets = shown.reduce((sum, task) => sum + task.targets.length, 0);
  const unread = status.shards.filter((shard) => known.version(shard) === undefined).length;
  const read = unread === 0 ? ago(status.configurationAge(cluster)) : `${unread} shards not yet`;
  return [cluster, targets, shown.length, status.shards.length, read];
}

export function statusPage(status: Status): Answer {
  const { deployment, health, problems, changes, now } = status;
  const clusters = [...status.clusters].map(([cluster, known]) => clusterRow(status, cluster, known));
  const rows = changes.map(({ at, cluster, kind, taskId, service }) => [
    ...[ago((now - at) / 1000), { upsert: 'runs', stop: 'stopped', deselect: 'not selected' }[kind]],
    ...[cluster, service, taskId],
  ]);
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<meta name="viewport" content="width=device-width"><title>target-sync of ${escaped(deployment)}</title><style>${STYLE}</style></head>
<body><h1>target-sync of ${escaped(deployment)}: ${escaped(health.status)}</h1>
<h2>Open problems</h2>
${problems.length === 0 ? '<p class="calm">None.</p>' : `<ul>${problems.map((it) => `<li class="problem">${escaped(it)}</li>`).join('\n')}</ul>`}
<h2>Targets</h2>
${table(['Cluster', 'Targets', 'Tasks', 'Shards', 'Configuration read'], clusters, 'No cluster.')}
<h2>Last changes</h2>
${table(['When', 'Task', 'Cluster', 'Service', 'Task id'], rows, 'None since target-sync was started.')}
<p class="calm">Also here: <a href="/targets">/targets</a> for http_sd, <a href="/metrics">/metrics</a> for Prometheus.</p>
</body></html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'cache-control': 'no-store',
    },
    body: [body],
  };
}
