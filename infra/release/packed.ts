/** This project as its users get it: the file that `npm pack` makes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../build/package-root.ts';
import { npmEnvironment } from './npm-environment.ts';

export interface Packed {
  /** Path of the `.tgz`. */
  readonly file: string;
  readonly contents: readonly { readonly path: string; readonly size: number }[];
  /** Bytes of the `.tgz`. */
  readonly size: number;
}

/**
 * Builds and packs. The modules of `dist/lib` are written again, so only one process at a time may do it.
 *
 * @param folder where the file is written
 * @throws Error with what npm printed
 */
export async function pack(folder: string): Promise<Packed> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], {
    env: npmEnvironment(),
    cwd: PACKAGE_ROOT,
  });
  // The output of the build comes first.
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  return { file: join(folder, packed.filename), contents: packed.files, size: packed.size };
}
