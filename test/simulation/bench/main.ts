/**
 * Measures a pipeline on the simulated AWS, with its limits and delays, against the budgets:
 *
 *     npm run bench                     all cases
 *     npm run bench -- calm outage-ssm  those whose names begin so
 *
 * What it prints in the end is a table in Markdown; how far it is goes to the standard error.
 *
 * Times are virtual, so they depend neither on this machine nor on what else it does.
 */
import { wireProduct } from '../product/product-pipeline.ts';
import { calls } from './calls.ts';
import { calm, LAUNCHES_PER_MINUTE, outage, replace } from './cases.ts';
import type { Measured } from './measured.ts';

const SEEDS = [1, 2, 3];
/** For 1,000 tasks: as few as hold a rolling deployment, and one for 60 tasks, the rule of docs/settings.md. */
const SHARDS = { packed: 8, roomy: 17 };
const AT_ONCE = 60_000;
const wire = wireProduct;

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
};

/** Cases in which nothing is drawn: every seed would say the same. */
const DRAWN_ONCE = /^calls/;

const wanted = process.argv.slice(2);
const table = new Map<string, { readonly budget: string; readonly values: string[]; kept: boolean }>();
for (const [name, measure] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue;
  for (const seed of DRAWN_ONCE.test(name) ? SEEDS.slice(0, 1) : SEEDS) {
    for (const { what, value, budget, kept } of await measure(seed)) {
      console.error(`${kept ? 'ok  ' : 'OVER'}  seed ${seed}  ${what.padEnd(72)} ${value.padStart(8)}   ${budget}`);
      const row = table.get(what) ?? { budget, values: [], kept: true };
      row.values.push(value);
      row.kept &&= kept;
      table.set(what, row);
    }
  }
}
console.log(`| | seeds ${SEEDS.join(', ')} | budget | |\n|---|---|---|---|`);
for (const [what, { budget, values, kept }] of table) {
  const value = new Set(values).size === 1 ? values[0] : values.join(' / ');
  console.log(`| ${what} | ${value} | ${budget} | ${kept ? '' : '**over**'} |`);
}
process.exitCode = [...table.values()].every(({ kept }) => kept) ? 0 : 1;
