import { join, resolve } from 'node:path';

/** Root of the checkout. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '../..');

/** Everything the local run installs or writes is below this git-ignored folder. */
export const LOCAL_ROOT = join(PROJECT_ROOT, '.local');

/** What outlives a run because it is slow to make: virtual environment, collector binary, unpacked packages. */
export const MINISTACK_ROOT = join(LOCAL_ROOT, 'ministack');
export const COLLECTOR_ROOT = join(LOCAL_ROOT, 'collector');
export const DEBIAN_ROOT = join(LOCAL_ROOT, 'debian');

/** What one run writes: emptied when the next one starts, removed when it ends (the logs stay). */
export const RUN_ROOT = join(LOCAL_ROOT, 'run');
export const LOG_ROOT = join(LOCAL_ROOT, 'log');
