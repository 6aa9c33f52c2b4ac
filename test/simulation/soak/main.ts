/**
 * Looks for histories that break an invariant, for as long as one likes:
 *
 *     npm run soak -- --minutes 10 --seed 1
 *     npm run soak -- --histories 300 --seed 1         the same ones on every machine
 *     npm run soak -- --kind "by hand" --only 4711     tells one history again and prints all of it
 */
import { parseArgs } from 'node:util';
import { KINDS } from '../kinds.ts';
import { wireProduct } from '../product/product-pipeline.ts';
import { tellToTheEnd } from '../story.ts';
import { type Origin, storyOf } from './divergence.ts';
import { tellAll } from './tellers.ts';

const PROGRESS_SECONDS = 10;
/** Kinds with the most ways to go wrong: each is told twice as often as the others. */
const OFTEN: readonly string[] = ['everything', 'worst day', 'by hand', 'resharding'] satisfies (keyof typeof KINDS)[];
/** Divergences that are told in full. */
const TOLD = 3;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    histories: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    kind: { type: 'string' },
    only: { type: 'string' },
  },
});

function wholeNumber(name: 'seed' | 'only', text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a whole number of up to nine digits, not "${text}"`);
}

function positive(name: 'minutes' | 'histories', text: string): number {
  if (Number(text) > 0) return Number(text);
  throw new Error(`--${name} must be a number above 0, not "${text}"`);
}

/** Where a soak ends: at whichever comes first. */
interface Limits {
  readonly minutes: number;
  readonly histories: number;
}

/** A minute, where neither is given. */
function limitsOf({ minutes, histories }: { minutes?: string; histories?: string }): Limits {
  return {
    minutes:
      minutes === undefined ? (histories === undefined ? 1 : Number.POSITIVE_INFINITY) : positive('minutes', minutes),
    histories: histories === undefined ? Number.POSITIVE_INFINITY : positive('histories', histories),
  };
}

async function tellOne(origin: Origin): Promise<boolean> {
  const story = storyOf(origin);
  console.log(JSON.stringify(story, null, 1));
  const simulation = await tellToTheEnd(story, wireProduct);
  const broken = simulation.judge.violations.length > 0;
  console.log(simulation.world.history.all());
  console.log(broken ? simulation.explain() : `No invariant was broken. ${simulation.world.history.fingerprint()}`);
  return broken;
}

async function soak(limits: Limits, firstSeed: number, kinds: readonly string[]): Promise<boolean> {
  const began = Date.now();
  const end = began + limits.minutes * 60_000;
  const found: string[] = [];
  let begun = 0;
  let told = 0;
  const progress = (): void => {
    const seconds = (Date.now() - began) / 1000;
    const speed = (told / seconds).toFixed(0);
    console.log(`${seconds.toFixed(0)} s: ${told} histories (${speed} a second), ${found.length} divergences`);
  };
  const next = (): Origin | undefined => {
    if (begun >= limits.histories || Date.now() >= end) return undefined;
    const kind = kinds[begun % kinds.length] as string;
    return { kind, seed: firstSeed + begun++ };
  };
  console.log(`Seeds from ${firstSeed} on, kinds: ${[...new Set(kinds)].join(', ')}`);
  const report = setInterval(progress, PROGRESS_SECONDS * 1000);
  await tellAll(next, ({ kind, seed }, problem) => {
    told++;
    if (problem === undefined) return;
    const again = `npm run soak -- --kind "${kind}" --only ${seed}`;
    found.push(again);
    if (found.length <= TOLD) console.log(`\nDIVERGENCE  ${again}\n${problem}\n`);
  }).finally(() => clearInterval(report));
  progress();
  for (const again of found) console.log(`  ${again}`);
  return found.length > 0;
}

async function main(): Promise<boolean> {
  const kinds = values.kind === undefined ? [...Object.keys(KINDS), ...OFTEN] : [values.kind];
  if (values.only !== undefined) return tellOne({ kind: kinds[0] as string, seed: wholeNumber('only', values.only) });
  return soak(limitsOf(values), wholeNumber('seed', values.seed), kinds);
}

main().then(
  (isBroken) => {
    process.exitCode = isBroken ? 1 : 0;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
