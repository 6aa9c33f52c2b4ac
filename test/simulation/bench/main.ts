/**
 * Measures a pipeline on the simulated AWS, with its limits and delays, against the budgets:
 *
 *     npm run bench                     all cases
 *     npm run bench -- calm outage-ssm  those whose names begin so
 *     npm run bench -- --write          all cases, and docs/bench.md
 *
 * Times are virtual, so they depend neither on this machine nor on what else it does.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wireProduct } from '../product/product-pipeline.ts';
import { calm, LAUNCHES_PER_MINUTE, outage, replace } from './cases.ts';
import type { Measured } from './measured.ts';
import { benchPage, type Seeded } from './page.ts';

const SEEDS = [1, 2, 3];
/** For 1,000 tasks: as few as hold a rolling deployment, and one for 60 tasks, the rule of docs/settings.md. */
const SHARDS = { packed: 8, roomy: 17 };
const AT_ONCE = 60_000;
const wire = wireProduct;
const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'bench.md');

const CASES: Readonly<Record<string, (seed: number) => Promise<Measured[]>>> = {
  calm: (seed) => calm(wire, seed),
  deployment: (seed) =>
    replace(wire, seed, { tasks: 1000, shards: SHARDS.packed, launchesPerMinute: LAUNCHES_PER_MINUTE }),
  'deployment-roomy': (seed) =>
    replace(wire, seed, { tasks: 1000, shards: SHARDS.roomy, launchesPerMinute: LAUNCHES_PER_MINUTE }),
  everything: (seed) => replace(wire, seed, { tasks: 10_000, shards: 125, launchesPerMinute: AT_ONCE }),
  ...Object.fromEntries(
    (['ecs', 'cloudMap', 'ssm'] as const).flatMap((service) =>
      (['hangs', 'throttles'] as const).map((how) => [
        `outage-${service}-${how}`,
        (seed: number) => outage(wire, seed, service, how),
      ]),
    ),
  ),
};

const { positionals: wanted, values: options } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
if (options.write && wanted.length > 0) throw new Error('--write writes the page of all cases: name none.');

const results: Seeded[] = [];
for (const [name, measure] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue;
  for (const seed of SEEDS) {
    for (const measured of await measure(seed)) {
      results.push({ ...measured, seed });
      const { what, value, budget, kept } = measured;
      console.log(`${kept ? 'ok  ' : 'OVER'}  seed ${seed}  ${what.padEnd(72)} ${value.padStart(8)}   ${budget}`);
    }
  }
}
if (options.write) writeFileSync(PAGE, benchPage(results));
process.exitCode = results.every(({ kept }) => kept) ? 0 : 1;
