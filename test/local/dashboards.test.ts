/** Every query of every dashboard against a real Prometheus, fed by the real collector that scrapes real programs. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Dashboard, DataTransformerConfig, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { targetGroups } from '../../functions/discovery/target/file-sd.ts';
import type { TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { TARGET_SYNC_JOB } from '../../infra/constructs/collector/job-names.ts';
import { discoveryDashboard } from '../../infra/dashboards/discovery/discovery-dashboard.ts';
import { workloadDashboard } from '../../infra/dashboards/workload/workload-dashboard.ts';
import { type LocalCollector, startCollector } from '../../infra/local/collector/local-collector.ts';
import { openTelemetryCollector } from '../../infra/local/collector/program.ts';
import { NODE_EXPORTER_PORT, startNodeExporter } from '../../infra/local/node-exporter.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import type { Child } from '../../infra/local/process/child.ts';
import { type Prometheus, startPrometheus } from '../../infra/local/prometheus/local-prometheus.ts';
import { ECS_EXPORTER_PORT, startEcsExporterStandIn } from './metrics-pages/ecs-exporter.ts';
import { startTargetSyncStandIn, TARGET_SYNC_PORT } from './metrics-pages/target-sync.ts';
import { until } from './until.ts';
import { startWebapp } from './webapp-process.ts';

const BUILD_MILLISECONDS = 20 * 60_000;
const DIRECTORY = join(PROJECT_ROOT, '.local/test/dashboards-test');
const TARGETS = join(DIRECTORY, 'targets');

/** A task as the discovery publishes it. */
const task = (address: string, service: string | undefined, ...ports: number[]): TaskTargets => {
  const taskId = `task-of-${address}` as TaskId;
  const labels = {
    cluster: 'prod',
    ...(service === undefined ? {} : { service }),
    taskdefinition: service ?? 'batch',
    namespace: 'ecs-services',
  };
  const targets = ports.map((port) => ({ port, labels: { __metrics_path__: '/metrics' } }));
  return { taskId, version: 1, address, labels, targets };
};

const WEBAPPS = ['127.82.0.1', '127.82.0.2'];
/** Started by itself, not by a service. */
const STANDALONE = '127.82.0.3';
/** Nothing listens there. */
const DOWN = '127.82.0.4';
const HOST = '127.82.0.9';
const TARGET_SYNC = '127.82.0.10';

const TASKS: readonly TaskTargets[] = [
  ...WEBAPPS.map((address) => task(address, 'webapp', 3000, ECS_EXPORTER_PORT)),
  task(DOWN, 'webapp', 3000),
  task(STANDALONE, undefined, 3000),
  task(HOST, 'node-exporter', NODE_EXPORTER_PORT),
];

const TARGETS_COUNT = TASKS.flatMap(({ targets }) => targets).length;

/** What Grafana puts in the place of the variables. */
type Choice = Readonly<Record<string, string>>;

const ALL: Choice = { cluster: '.*', service: '.*', taskid: '.*', __rate_interval: '10s' };
const ONE: Choice = { cluster: 'prod', service: 'webapp', taskid: `task-of-${WEBAPPS[0]}`, __rate_interval: '10s' };
const SOME: Choice = {
  ...ALL,
  service: '(webapp|node-exporter)',
  taskid: `(${WEBAPPS.map((a) => `task-of-${a}`).join('|')})`,
};

const substitute = (text: string, choice: Choice): string =>
  text.replaceAll(/\$([a-z_]\w*)/g, (_variable, name: string) => {
    const value = choice[name];
    if (value === undefined) throw new Error(`${text}: there is no variable ${name}`);
    return value;
  });

interface PanelQuery {
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
}

const queriesOf = (dashboard: Dashboard): PanelQuery[] =>
  (dashboard.panels ?? []).flatMap((panel) =>
    ((panel as Panel).targets ?? [])
      .filter((target) => 'expr' in target)
      .map((target) => {
        const { expr, legendFormat, refId } = target as Dataquery;
        return { panel: `${panel.title} ${refId}`, expr, legend: legendFormat ?? '' };
      }),
  );

const DASHBOARDS = { workload: workloadDashboard(), discovery: discoveryDashboard() };

let prometheus: Prometheus;
let collector: LocalCollector;
const programs: Child[] = [];
const pages: Server[] = [];

beforeAll(async () => {
  await rm(DIRECTORY, { recursive: true, force: true });
  await mkdir(TARGETS, { recursive: true });
  await writeFile(join(TARGETS, 'prod-0.json'), JSON.stringify(targetGroups(TASKS)));
  const labels = { job: TARGET_SYNC_JOB, instance: 'collector' };
  const group = { targets: [`${TARGET_SYNC}:${TARGET_SYNC_PORT}`], labels };
  await writeFile(join(TARGETS, 'target-sync.json'), JSON.stringify([group]));
  pages.push(await startTargetSyncStandIn(TARGET_SYNC, TARGETS_COUNT));
  for (const address of WEBAPPS) pages.push(await startEcsExporterStandIn(address));
  const program = await openTelemetryCollector();
  prometheus = await startPrometheus({
    directory: join(DIRECTORY, 'prometheus'),
    log: `${DIRECTORY}-prometheus.log`,
    port: 0,
  });
  for (const address of [...WEBAPPS, STANDALONE]) programs.push(await startWebapp(address, `${DIRECTORY}-webapp.log`));
  programs.push(await startNodeExporter(HOST, `${DIRECTORY}-node-exporter.log`));
  collector = await startCollector({
    program,
    targetsDirectory: TARGETS,
    remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
    scrapeIntervalSeconds: 1,
    directory: join(DIRECTORY, 'collector'),
    log: `${DIRECTORY}-collector.log`,
  });
  await until('12 scrapes of all targets, the collector and target-sync', async () => {
    const samples = await prometheus.query('count_over_time(up[1m]) >= 12');
    return samples.length === TARGETS_COUNT + ['collector', 'target-sync'].length;
  });
}, BUILD_MILLISECONDS);

afterAll(async () => {
  await collector?.stop();
  await Promise.all(programs.map((program) => program.stop()));
  for (const page of pages) page.close();
  await prometheus?.stop();
  await rm(DIRECTORY, { recursive: true, force: true });
});

describe.each(Object.entries(DASHBOARDS))('the %s dashboard', (_name, dashboard) => {
  describe.each([
    ['everything', ALL],
    ['one cluster, service and task', ONE],
    ['several services and tasks', SOME],
  ])('with %s chosen', (_chosen, choice) => {
    it.each(queriesOf(dashboard))('has data for: $panel', async ({ expr, legend }) => {
      const samples = await prometheus.query(substitute(expr, choice));
      expect(samples).not.toEqual([]);
      for (const { value } of samples) expect(Number.isFinite(value)).toBe(true);
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
        expect(samples.some(({ labels }) => labels[label] !== undefined)).toBe(true);
      }
    });
  });

  it.each((dashboard.annotations?.list ?? []).filter(({ expr }) => expr !== undefined))(
    'has a query that Prometheus takes for the annotation: $name',
    async ({ expr = '' }) => {
      // Nothing was there ten minutes ago.
      expect(await prometheus.query(substitute(expr, ALL))).toEqual([]);
    },
  );

  it.each((dashboard.templating?.list ?? []).filter(({ type }) => type === 'query'))(
    'has values to choose from for: $name',
    async ({ query }) => {
      const { query: text } = query as { query: string };
      const [, series, label] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      const samples = await prometheus.query(substitute(`count by (${label}) (${series})`, ALL));
      expect(samples.some(({ labels }) => labels[label ?? ''] !== undefined)).toBe(true);
    },
  );
});

describe('a figure of the dashboards', () => {
  const figureOf = async (dashboard: Dashboard, panel: string, choice = ALL): Promise<number | undefined> => {
    const query = queriesOf(dashboard).find((one) => one.panel === `${panel} A`);
    const samples = await prometheus.query(substitute(query?.expr ?? '', choice));
    expect(samples).toHaveLength(1);
    return samples[0]?.value;
  };

  it('counts the targets, and those that are down, without the collector itself', async () => {
    expect(await figureOf(DASHBOARDS.discovery, 'Targets')).toBe(TARGETS_COUNT);
    expect(await figureOf(DASHBOARDS.discovery, 'Targets down')).toBe(1);
    expect(await figureOf(DASHBOARDS.discovery, 'Collectors')).toBe(1);
  });

  it('counts a task that no service started, when all services are chosen', async () => {
    expect(await figureOf(DASHBOARDS.discovery, 'Services')).toBe(3);
    expect(await figureOf(DASHBOARDS.workload, 'Tasks')).toBe(3);
    expect(await figureOf(DASHBOARDS.workload, 'Tasks', { ...ALL, service: 'webapp' })).toBe(2);
  });

  it('is of the chosen task alone', async () => {
    expect(await figureOf(DASHBOARDS.workload, 'Tasks', ONE)).toBe(1);
    const all = (await figureOf(DASHBOARDS.workload, 'Request rate')) ?? 0;
    const one = (await figureOf(DASHBOARDS.workload, 'Request rate', ONE)) ?? 0;
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThan(all);
  });

  it('adds the containers of a task, and compares them with the limits of the task', async () => {
    // Two containers with 64 of 512 MiB each.
    expect(await figureOf(DASHBOARDS.workload, 'Memory of whole tasks', ONE)).toBe(128 * 2 ** 20);
    expect(await figureOf(DASHBOARDS.workload, 'Memory, share of the limit', ONE)).toBe(0.25);
  });

  it('names a task by its service and the beginning of its id', async () => {
    const query = queriesOf(DASHBOARDS.workload).find(({ panel }) => panel === 'Memory by task A');
    const names = (await prometheus.query(substitute(query?.expr ?? '', ALL))).map(({ labels }) => labels);
    expect(query?.legend).toBe('{{service}} {{task}}');
    expect(names).toContainEqual(expect.objectContaining({ service: 'webapp', task: 'task-of-' }));
    expect(names).toContainEqual(expect.objectContaining({ service: 'no service', task: 'task-of-' }));
  });

  it('shows no server errors where there are none', async () => {
    expect(await figureOf(DASHBOARDS.workload, 'Server errors')).toBe(0);
  });

  it('is the same number of targets in the files and in the collector', async () => {
    const queries = queriesOf(DASHBOARDS.discovery).filter(({ panel }) => panel.startsWith('Targets in the files'));
    const counts = await Promise.all(queries.map(({ expr }) => prometheus.query(substitute(expr, ALL))));
    expect(counts.flat().map(({ value }) => value)).toEqual([TARGETS_COUNT, TARGETS_COUNT]);
  });
});

describe.each(
  (DASHBOARDS.discovery.panels ?? [])
    .filter((panel): panel is Panel => panel.type === 'table')
    .map((panel) => ({ title: panel.title, panel })),
)('the table "$title"', ({ panel }) => {
  const rows = (choice: Choice) => prometheus.query(substitute((panel.targets as [Dataquery])[0].expr, choice));

  it('has a column for each label of its rows', async () => {
    const shown = new Set([...(await rows(ALL)).flatMap(({ labels }) => Object.keys(labels)), 'Value']);
    const [organize] = panel.transformations as [DataTransformerConfig];
    expect(new Set(Object.keys(organize.options.renameByName))).toEqual(shown);
  });
});

describe('the order of the tables', () => {
  const rowsOf = (title: string) => {
    const query = queriesOf(DASHBOARDS.discovery).find(({ panel }) => panel === `${title} A`);
    return prometheus.query(substitute(query?.expr ?? '', ALL));
  };

  it('begins with the targets that are down', async () => {
    const [first] = await rowsOf('All targets, those that are down first');
    expect(first).toMatchObject({ value: 0, labels: { instance: DOWN } });
  });

  it('begins with the process whose first sample took longest', async () => {
    const seconds = (await rowsOf('From the start of a process to its first sample')).map(({ value }) => value);
    expect(seconds.length).toBeGreaterThan(WEBAPPS.length);
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
  });
});

describe('samples that are lost', () => {
  let refusing: Server;
  let losing: LocalCollector;

  beforeAll(async () => {
    refusing = createServer((request, response) => {
      request.resume();
      response.writeHead(400).end('refused');
    });
    await new Promise<void>((listening) => refusing.listen(0, '127.0.0.1', listening));
    losing = await startCollector({
      program: await openTelemetryCollector(),
      targetsDirectory: TARGETS,
      remoteWriteEndpoint: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/write`,
      scrapeIntervalSeconds: 1,
      directory: `${DIRECTORY}-losing`,
      log: `${DIRECTORY}-losing.log`,
    });
  }, 60_000);

  afterAll(async () => {
    await losing?.stop();
    refusing.close();
  });

  it('are counted by the collector under the name that the panels ask for', async () => {
    const counter = 'otelcol_exporter_send_failed_metric_points';
    expect(queriesOf(DASHBOARDS.discovery).filter(({ expr }) => expr.includes(counter))).toHaveLength(2);
    const line = await until(counter, async () => {
      const text = await (await fetch(losing.selfMetricsUrl)).text();
      return text.split('\n').find((one) => one.startsWith(`${counter}{`));
    });
    expect(Number(line.split(' ').at(-1))).toBeGreaterThan(0);
  }, 40_000);
});
