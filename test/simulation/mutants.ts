/**
 * Shows that the tests of the invariants notice when a mechanism is missing: takes one after the other out of a copy below
 * `.local/mutants/`, runs the tests there, and says which of them fail.
 *
 *     npm run mutants               all of them
 *     npm run mutants -- stop       those with "stop" in their names
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS, MUTANTS, TESTS } from './mutants/catalogue.ts';
import { locate, type Mutant } from './mutants/mutation.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PLACE = join(ROOT, '.local', 'mutants');
const COPIED = ['functions', 'containers', 'infra', 'jest.config.mjs', 'package.json', 'test/simulation'];

function make({ mutations }: Mutant, place: string): void {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const path of COPIED) cpSync(join(ROOT, path), join(place, path), { recursive: true });
  for (const mutation of mutations) {
    const { file, mutated } = locate(mutation, place, FOLDERS);
    writeFileSync(join(place, file), mutated);
  }
}

interface JestResult {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly ancestorTitles: readonly string[] }[];
  }[];
}

/** @returns the outermost titles of the tests that fail */
function killers(place: string): string[] {
  const output = join(place, 'result.json');
  spawnSync(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--rootDir', place, '--json', '--outputFile', output, '--silent', ...TESTS],
    ],
    { cwd: place, env: { ...process.env, SIMULATION_SHRINK: 'no' }, stdio: 'ignore' },
  );
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as JestResult;
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (all.length === 0) throw new Error(`no test ran in ${place}`);
  const failed = all.filter(({ status }) => status === 'failed');
  return [...new Set(failed.map(({ ancestorTitles }) => ancestorTitles[0] ?? ''))];
}

function main(): boolean {
  const wanted = process.argv.slice(2);
  const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no mutant has one of these words in its name: ${wanted.join(', ')}`);
  let survivors = 0;
  for (const mutant of chosen) {
    const place = join(PLACE, mutant.name.replace(/\W+/g, '-'));
    make(mutant, place);
    const found = killers(place);
    const isKilled = found.includes(mutant.neededBy);
    if (!isKilled) survivors++;
    const by = found.join(', ') || 'nothing';
    console.log(`${isKilled ? 'killed  ' : 'SURVIVED'}  ${mutant.name}  – fails: ${by}; needed by: ${mutant.neededBy}`);
    rmSync(place, { recursive: true, force: true });
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants are killed by the test of what needs them`);
  return survivors > 0;
}

try {
  process.exitCode = main() ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
