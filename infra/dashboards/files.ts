import { discoveryDashboard } from './discovery.ts';
import { workloadDashboard } from './workload.ts';

/** The importable files, by the names they have in `docs/dashboards/`. */
export const dashboardFiles = (): Readonly<Record<string, string>> => ({
  'workload.json': `${JSON.stringify(workloadDashboard(), undefined, 2)}\n`,
  'discovery.json': `${JSON.stringify(discoveryDashboard(), undefined, 2)}\n`,
});
