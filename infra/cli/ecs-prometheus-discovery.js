#!/usr/bin/env node
// In a clone the sources are run as they are, by the Node of its node_modules; the package has them in one file.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
const built = new URL('../../dist/cli/ecs-prometheus-discovery.cjs', import.meta.url);

if (Number.parseInt(process.versions.node, 10) < 22) {
  console.error(`ecs-prometheus-discovery needs Node 22 or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else if (process.features.typescript && existsSync(source)) await import(source);
else if (existsSync(built)) await import(built);
else {
  console.error(`The command line has not been built: run "npm run build" in the clone of ecs-prometheus-discovery.`);
  process.exitCode = 1;
}
