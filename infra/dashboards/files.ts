import { discoveryDashboard } from './discovery/discovery-dashboard.ts';
import { workloadDashboard } from './workload/workload-dashboard.ts';

/** The importable files, by the names they have in `docs/dashboards/`. */
export const dashboardFiles = (): Readonly<Record<string, string>> => ({
  'workload.json': `${JSON.stringify(workloadDashboard(), undefined, 2)}\n`,
  'discovery.json': `${JSON.stringify(discoveryDashboard(), undefined, 2)}\n`,
});
