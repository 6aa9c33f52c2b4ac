import { join } from 'node:path';
import { MINISTACK_ROOT } from '../paths.ts';
import { virtualEnvironment } from '../python/virtual-environment.ts';

/** The Python of the private virtual environment that MiniStack is in. */
export const { python: ministackPython } = virtualEnvironment({
  name: 'ministack',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  root: MINISTACK_ROOT,
});
