/** `npm run dashboards`: writes the dashboards as files that Grafana can import. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dashboardFiles } from './files.ts';

const folder = resolve(import.meta.dirname, '../../docs/dashboards');
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(dashboardFiles())) {
  writeFileSync(join(folder, name), content);
  console.log(`docs/dashboards/${name}`);
}
