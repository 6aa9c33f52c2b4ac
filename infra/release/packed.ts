/** This project as its users get it: the file that `npm pack` makes. */
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { run } from '../../infra/local/process/run.ts';
import { npmEnvironment } from './npm-environment.ts';

export interface Packed {
  /** Path of the `.tgz`. */
  readonly file: string;
  readonly contents: readonly { readonly path: string; readonly size: number }[];
  /** Bytes of the `.tgz`. */
  readonly size: number;
}

/** Builds and packs. The modules of `dist/lib` are written again, so only one test file at a time may do it. */
export async function pack(folder: string): Promise<Packed> {
  const printed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    environment: npmEnvironment(),
    directory: PROJECT_ROOT,
  });
  // The output of the build comes first.
  const [packed] = JSON.parse(printed.slice(printed.search(/^\[/m)));
  return { file: join(folder, packed.filename), contents: packed.files, size: packed.size };
}
