import { join } from 'node:path';
import { MINISTACK_ROOT } from '../paths.ts';
import { virtualEnvironment } from '../python/virtual-environment.ts';

const environment = virtualEnvironment({
  name: 'ministack',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  root: MINISTACK_ROOT,
});

/** Whether {@link ministackPython} would answer at once. */
export const ministackInstalled = environment.installed;

/** The Python of the private virtual environment that MiniStack is in. */
export const ministackPython = environment.python;
