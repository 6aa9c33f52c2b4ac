import { mkdir, mkdtemp, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeIfChanged } from '../../../infra/build/write-if-changed.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';

let folder: string;
beforeEach(async () => {
  await mkdir(join(PROJECT_ROOT, '.local', 'test'), { recursive: true });
  folder = await mkdtemp(join(PROJECT_ROOT, '.local', 'test', 'write-if-changed-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('writes a file, and the folders that it lies in', async () => {
  const path = join(folder, 'a', 'b', 'file');
  await writeIfChanged(path, bytes('one'));
  expect(await readFile(path, 'utf8')).toBe('one');
  await writeIfChanged(path, bytes('two'));
  expect(await readFile(path, 'utf8')).toBe('two');
});

it('leaves a file alone that has this content', async () => {
  const path = join(folder, 'file');
  await writeIfChanged(path, bytes('one'));
  await utimes(path, 0, 0);
  await writeIfChanged(path, bytes('one'));
  expect((await stat(path)).mtimeMs).toBe(0);
});

it('replaces a file as a whole, so that who has it open reads on in the old one', async () => {
  const path = join(folder, 'file');
  await writeIfChanged(path, bytes('one'));
  const before = await stat(path);
  await writeIfChanged(path, bytes('two'));
  expect((await stat(path)).ino).not.toBe(before.ino);
});
