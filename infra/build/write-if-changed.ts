import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';

/** On the same disk as the files, but in no folder that is hashed or packed. */
const UNFINISHED = join(PACKAGE_ROOT, '.local', 'build');

/**
 * Writes a file unless it has this content already, and never shows a part of it: several processes may build at the same
 * time while another one reads, as tests do.
 */
export async function writeIfChanged(path: string, content: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(content)) return;
  await Promise.all([UNFINISHED, dirname(path)].map((folder) => mkdir(folder, { recursive: true })));
  const unfinished = join(UNFINISHED, `${process.pid}-${crypto.randomUUID()}`);
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}
