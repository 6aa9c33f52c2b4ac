/**
 * Looks for histories that break an invariant, for as long as one likes:
 *
 *     npm run soak -- --minutes 10 --seed 1
 *     npm run soak -- --histories 300 --seed 1         the same ones on every machine
 *     npm run soak -- --kind "by hand" --only 4711     tells one history again and prints all of it
 */
import { parseArgs } from 'node:util';
import fc from '../fast-check.ts';
import { KINDS } from './kinds.ts';
import { wireProduct } from './product/product-pipeline.ts';
import { type StoryKind, stories } from './stories.ts';
import { type Story, tellToTheEnd } from './story.ts';

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

function kindNamed(name: string): StoryKind {
  const kind = (KINDS as Readonly<Record<string, StoryKind>>)[name];
  if (!kind) throw new Error(`--kind must be one of: ${Object.keys(KINDS).join(', ')}`);
  return kind;
}

const storyOf = (kind: StoryKind, seed: number): Story => fc.sample(stories(kind), { seed, numRuns: 1 })[0] as Story;

/** @returns what went wrong; undefined where nothing did */
async function divergence(story: Story): Promise<string | undefined> {
  try {
    const simulation = await tellToTheEnd(story, wireProduct);
    return simulation.judge.violations.length > 0 ? simulation.explain() : undefined;
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  }
}

async function tellOne(name: string, seed: number): Promise<boolean> {
  const story = storyOf(kindNamed(name), seed);
  console.log(JSON.stringify(story, null, 1));
  const simulation = await tellToTheEnd(story, wireProduct);
  const broken = simulation.judge.violations.length > 0;
  console.log(simulation.world.history.all());
  console.log(broken ? simulation.explain() : `No invariant was broken. ${simulation.world.history.fingerprint()}`);
  return broken;
}

async function soak(limits: Limits, firstSeed: number, names: readonly string[]): Promise<boolean> {
  const began = Date.now();
  const end = began + limits.minutes * 60_000;
  const found: string[] = [];
  let told = 0;
  let said = began;
  const progress = (): void => {
    const seconds = (Date.now() - began) / 1000;
    const speed = (told / seconds).toFixed(0);
    console.log(`${seconds.toFixed(0)} s: ${told} histories (${speed} a second), ${found.length} divergences`);
    said = Date.now();
  };
  console.log(`Seeds from ${firstSeed} on, kinds: ${[...new Set(names)].join(', ')}`);
  for (let seed = firstSeed; told < limits.histories && Date.now() < end; seed++) {
    const name = names[told % names.length] as string;
    const problem = await divergence(storyOf(kindNamed(name), seed));
    told++;
    if (problem !== undefined) {
      const again = `npm run soak -- --kind "${name}" --only ${seed}`;
      found.push(again);
      if (found.length <= TOLD) console.log(`\nDIVERGENCE  ${again}\n${problem}\n`);
    }
    if (Date.now() - said > PROGRESS_SECONDS * 1000) progress();
  }
  progress();
  for (const again of found) console.log(`  ${again}`);
  return found.length > 0;
}

async function main(): Promise<boolean> {
  const names = values.kind === undefined ? [...Object.keys(KINDS), ...OFTEN] : [values.kind];
  if (values.only !== undefined) return tellOne(names[0] as string, wholeNumber('only', values.only));
  return soak(limitsOf(values), wholeNumber('seed', values.seed), names);
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
