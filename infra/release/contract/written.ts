/** The contracts of the releases, a file each in `test/contract/`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../build/package-root.ts';
import type { Contract } from './contract.ts';

const FOLDER = join(PACKAGE_ROOT, 'test', 'contract');

const byNumbers = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The newest of all. @throws Error when there is none */
export function newestContract(): Contract {
  const newest = readdirSync(FOLDER)
    .filter((file) => /^\d+\.\d+\.\d+\.json$/.test(file))
    .sort(byNumbers)
    .at(-1);
  if (newest === undefined) throw new Error(`There is no contract in ${FOLDER}: npm run contract writes one.`);
  return JSON.parse(readFileSync(join(FOLDER, newest), 'utf8'));
}

/** @returns path of the file */
export function writeContract(contract: Contract): string {
  const file = join(FOLDER, `${contract.version}.json`);
  writeFileSync(file, `${JSON.stringify(contract, null, 2)}\n`);
  return file;
}
