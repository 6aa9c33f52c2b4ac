/**
 * Measures a pipeline on the simulated AWS, with its limits and delays, against the budgets:
 *
 *     npm run bench                     all cases
 *     npm run bench -- calm outage-ssm  those whose names begin so
 *     npm run bench -- --write          all cases, and docs/bench.md
 *     npm run bench -- --peers          this project beside the discoveries that poll: see test/peers/main.ts
 *
 * Times are virtual, so they depend neither on this machine nor on what else it does; but for the start of the functions.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wireProduct } from '../product/product-pipeline.ts';
import { calls } from './calls.ts';
import { calm, LAUNCHES_PER_MINUTE, outage, replace } from './cases.ts';
import { footprint } from './footprint.ts';
import type { Measured } from './measured.ts';
import { benchPage, type Seeded } from './page.ts';

const SEEDS = [1, 2, 3];
/** For 1,000 tasks: as few as hold a rolling deployment, and one for 60 tasks, the rule of docs/settings.md. */
const SHARDS = { packed: 8, roomy: 17 };
const AT_ONCE = 60_000;
const wire = wireProduct;
const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'bench.md');

/** A shard for 60 tasks, and for 80 where there are many; services as in the comparison with other discoveries. */
const SMALL = { services: 100, tasks: 1000, shards: 17 };
const LARGE = { services: 500, tasks: 10_000, shards: 125 };

const CASES: Readonly<Record<string, (seed: number) => Promise<Measured[]>>> = {
  calm: (seed) => calm(wire, seed),
  deployment: (seed) =>
    replace(wire, seed, { tasks: 1000, shards: SHARDS.packed, launchesPerMinute: LAUNCHES_PER_MINUTE }),
  'deployment-roomy': (seed) =>
    replace(wire, seed, { tasks: 1000, shards: SHARDS.roomy, launchesPerMinute: LAUNCHES_PER_MINUTE }),
  everything: (seed) => replace(wire, seed, { tasks: 10_000, shards: 125, launchesPerMinute: AT_ONCE }),
  calls: () => calls({ ...SMALL, changes: 0 }, 1000),
  'calls-changes': () => calls({ ...SMALL, changes: 500 }, undefined),
  'calls-large': () => calls({ ...LARGE, changes: 0 }, 6000),
  ...Object.fromEntries(
    (['ecs', 'cloudMap', 'ssm'] as const).flatMap((service) =>
      (['hangs', 'throttles'] as const).map((how) => [
        `outage-${service}-${how}`,
        (seed: number) => outage(wire, seed, service, how),
      ]),
    ),
  ),
  footprint,
};

/** Cases in which nothing is drawn: every seed would say the same. */
const DRAWN_ONCE = /^(calls|footprint)/;

const { positionals: wanted, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (options.peers) {
  const { comparePeers } = await import('../../peers/main.ts');
  await comparePeers(options);
  process.exit();
}
if (options.write && wanted.length > 0) throw new Error('--write writes the page of all cases: name none.');

const results: Seeded[] = [];
for (const [name, measure] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue;
  for (const seed of DRAWN_ONCE.test(name) ? SEEDS.slice(0, 1) : SEEDS) {
    for (const measured of await measure(seed)) {
      results.push({ ...measured, seed });
      const { what, value, budget, kept } = measured;
      console.log(`${kept ? 'ok  ' : 'OVER'}  seed ${seed}  ${what.padEnd(72)} ${value.padStart(8)}   ${budget}`);
    }
  }
}
if (options.write) writeFileSync(PAGE, benchPage(results));
process.exitCode = results.every(({ kept }) => kept) ? 0 : 1;
