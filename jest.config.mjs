import { existsSync } from 'node:fs';
import { join } from 'node:path';

const GLOBAL_SETUP = join(import.meta.dirname, 'test', 'global-setup.ts');

/** Jest runs the sources as they are: ES modules, types stripped by SWC. */
export default {
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  // The copies that test/simulation/mutants/main.ts makes have nothing to build, and no such file.
  ...(existsSync(GLOBAL_SETUP) && { globalSetup: GLOBAL_SETUP }),
  testMatch: ['**/*.test.ts'],
  // Many tests wait for real processes, so two at a time take half as long, also on two cores.
  maxWorkers: 2,
  // What Jest keeps of the ES modules of each file ends with its worker; in one process it filled the heap (4 GB).
  workerIdleMemoryLimit: '1GB',
  // Only a test that hangs takes so long; a slow machine does not.
  testTimeout: 30_000,
};
