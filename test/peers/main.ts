/**
 * This project beside the discoveries that poll, all at once on one emulated fleet:
 *
 *     npm run bench -- --peers            1,000 and 10,000 tasks, as Markdown
 *     npm run bench -- --peers --json     the figures
 *     npm run bench -- --peers --write    also docs/comparison.md and the chart
 *
 * Times are real: nothing else should run on the machine, or else start it with `nice -n -10`. Go builds the peers the first time, which takes minutes more.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, getPriority, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  buildCollector,
  moduleVersion,
  OBSERVING_COLLECTOR,
  PROMETHEUS_DISCOVERY,
} from '../../infra/local/collector/build.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { CASES } from './cases.ts';
import { compareFleet } from './compare-fleet.ts';
import { chart } from './report/chart.ts';
import type { Comparison } from './report/figures.ts';
import { comparisonPage } from './report/page.ts';
import { simulatedDay } from './report/simulated-day.ts';
import { ratioTable } from './report/table.ts';

const OBSERVER = 'github.com/open-telemetry/opentelemetry-collector-contrib/extension/observer/ecsobserver';
const PROMETHEUS = 'github.com/prometheus/prometheus';

/** Module v0.313.2 of Prometheus is its release 3.13.2. */
const release = (version: string): string => version.replace(/^0\.(\d)(\d+)\./, '$1.$2.');

export interface PeersOptions {
  readonly json: boolean;
  readonly write: boolean;
}

export const comparePeers = async ({ json, write }: PeersOptions): Promise<void> => {
  const report = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  const binaries = {
    observer: await buildCollector(report, undefined, OBSERVING_COLLECTOR),
    prometheus: await buildCollector(report, undefined, PROMETHEUS_DISCOVERY),
  };
  const manifest = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string };
  const comparison: Comparison = {
    date: new Date().toISOString().slice(0, 10),
    command: 'npm run bench -- --peers --write',
    versions: {
      ours: manifest.version,
      prometheus: release(await moduleVersion(PROMETHEUS)),
      observer: await moduleVersion(OBSERVER),
      reference: 'prometheus-for-ecs',
    },
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    load: loadavg()[0] ?? 0,
    nice: getPriority(),
    simulatedDay: simulatedDay(await readFile(join(PROJECT_ROOT, 'docs/bench.md'), 'utf8')),
    fleets: [],
  };
  const fleets = [];
  for (const one of CASES) fleets.push(await compareFleet(one, binaries, report));
  const compared = { ...comparison, fleets };
  if (json) console.log(JSON.stringify(compared, undefined, 2));
  else for (const fleet of fleets) console.log(`${fleet.tasks} tasks\n\n${ratioTable(compared, fleet)}\n`);
  if (!write) return;
  await writeFile(join(import.meta.dirname, 'report/measured.json'), `${JSON.stringify(compared, undefined, 2)}\n`);
  await writeFile(join(PROJECT_ROOT, 'docs/comparison.md'), comparisonPage(compared));
  await writeFile(join(PROJECT_ROOT, 'docs/comparison.svg'), chart(compared));
};
