/**
 * Shows that the tests notice when a mechanism is missing: takes one after the other out of a copy below `.local/mutants/`,
 * and runs there the tests that must fail then.
 *
 *     npm run mutants               all of them
 *     npm run mutants -- stop       those with "stop" in their names
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS, MUTANTS } from './catalogue.ts';
import { type Killers, locate, type Mutant } from './mutation.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PLACE = join(ROOT, '.local', 'mutants');
const COPIED = [
  'functions',
  'containers',
  'infra',
  'jest.config.mjs',
  'package.json',
  ...['simulation', 'functions', 'factories', 'fixtures', 'containers/target-sync', 'fast-check.ts'].map(
    (it) => `test/${it}`,
  ),
];

/** Characters of a test's name that are printed. */
const NAME = 100;
/** Far more than the tests of one mutant take. */
const LIMIT = { timeout: 120_000, killSignal: 'SIGKILL' } as const;

interface JestResult {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface Outcome {
  readonly passed: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
}

/** @throws Error where no test ran */
function run({ files, named }: Killers): Outcome {
  const output = join(PLACE, 'result.json');
  rmSync(output, { force: true });
  const { stderr, signal } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--rootDir', PLACE, '--json', '--outputFile', output, '--silent', '--runInBand', '--forceExit'],
      ...(named === undefined ? [] : ['--testNamePattern', named]),
      ...files.map((file) => `^${join(PLACE, 'test', file)}`),
    ],
    // The same examples each time, as in CI: a mutant is killed or not, whatever is drawn.
    { cwd: PLACE, env: { ...process.env, CI: 'true', SIMULATION_SHRINK: 'no' }, encoding: 'utf8', ...LIMIT },
  );
  if (signal === LIMIT.killSignal) return { passed: 0, failed: ['a test that never ends'] };
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as JestResult;
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const namesOf = (status: string): string[] =>
    all.filter((it) => it.status === status).map(({ fullName }) => fullName);
  const outcome = { passed: namesOf('passed').length, failed: namesOf('failed') };
  if (outcome.passed + outcome.failed.length === 0) throw new Error(`no test ran: ${files.join(' ')}\n${stderr}`);
  return outcome;
}

/** @returns what kills it */
function tryOne({ mutations, killers }: Mutant): readonly string[] {
  const changed = new Map<string, string>();
  try {
    for (const mutation of mutations) {
      const { file, mutated } = locate(mutation, PLACE, FOLDERS);
      const path = join(PLACE, file);
      if (!changed.has(path)) changed.set(path, readFileSync(path, 'utf8'));
      writeFileSync(path, mutated);
    }
    return run(killers).failed;
  } finally {
    for (const [path, text] of changed) writeFileSync(path, text);
  }
}

/** A mutant is not killed by a test that fails without it. */
function mustPassWithout(mutants: readonly Mutant[]): void {
  const all = mutants.map(({ killers }) => killers);
  const whole = all.filter(({ named }) => named === undefined).flatMap(({ files }) => files);
  const parts = new Map(
    all.filter(({ named }) => named !== undefined).map((killers) => [JSON.stringify(killers), killers]),
  );
  const runs = [...(whole.length > 0 ? [{ files: [...new Set(whole)] }] : []), ...parts.values()];
  const failed = runs.flatMap((killers) => run(killers).failed);
  if (failed.length > 0) throw new Error(`these tests fail although nothing is missing:\n  ${failed.join('\n  ')}`);
}

function main(): boolean {
  const began = Date.now();
  const wanted = process.argv.slice(2);
  const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no mutant has one of these words in its name: ${wanted.join(', ')}`);
  rmSync(PLACE, { recursive: true, force: true });
  mkdirSync(PLACE, { recursive: true });
  for (const path of COPIED) cpSync(join(ROOT, path), join(PLACE, path), { recursive: true });
  mustPassWithout(chosen);
  let survivors = 0;
  for (const mutant of chosen) {
    const start = Date.now();
    const [first, ...others] = tryOne(mutant);
    if (first === undefined) survivors++;
    const by =
      first === undefined
        ? ''
        : `  by "${first.slice(0, NAME)}"${others.length > 0 ? ` and ${others.length} more` : ''}`;
    const seconds = ((Date.now() - start) / 1000).toFixed(0).padStart(3);
    console.log(`${first === undefined ? 'SURVIVED' : 'killed  '} ${seconds} s  ${mutant.name}${by}`);
  }
  rmSync(PLACE, { recursive: true, force: true });
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants are killed, in ${seconds} s`);
  return survivors > 0;
}

try {
  process.exitCode = main() ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
