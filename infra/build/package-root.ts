import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above that has a package.json. */
const rootAbove = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));

/**
 * Root of this package: the checkout, or `node_modules/ecs-prometheus-discovery` of an app that has it installed. Looked
 * for, because the compiled files lie deeper in the package than their sources do.
 */
export const PACKAGE_ROOT = rootAbove(import.meta.dirname);
