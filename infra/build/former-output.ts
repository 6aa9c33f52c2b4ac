import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LIBRARY } from './build-library.ts';
import { FUNCTION_ENTRIES, functionFolder } from './function-bundles.ts';
import { IMAGES, imageFolder } from './image-contexts.ts';

/**
 * Removes the bundles of functions and images that are no longer there, and the library. What is still there stays: it may
 * be read at this moment.
 */
export async function removeFormerOutput(): Promise<void> {
  const present = [...FUNCTION_ENTRIES.map(functionFolder), ...IMAGES.map(imageFolder)];
  await Promise.all(
    [...Map.groupBy(present, dirname)].map(([folder, kept]) =>
      removeOthers(
        folder,
        kept.map((path) => basename(path)),
      ),
    ),
  );
  await rm(LIBRARY, { recursive: true, force: true });
}

async function removeOthers(folder: string, kept: readonly string[]): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => !kept.includes(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
}
