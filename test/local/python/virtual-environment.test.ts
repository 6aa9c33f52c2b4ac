import { cp, mkdir, mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../../infra/local/process/run.ts';
import { type VirtualEnvironment, virtualEnvironment } from '../../../infra/local/python/virtual-environment.ts';

/** To make one takes some ten seconds. */
const MILLISECONDS = 60_000;

describe('a virtual environment', () => {
  let folder: string;
  let root: string;
  let environment: VirtualEnvironment;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'venv-'));
    root = join(folder, 'environments');
    const requirements = join(folder, 'requirements.txt');
    // Nothing but what every environment has: no network is needed.
    await writeFile(requirements, '# pip alone\n');
    environment = virtualEnvironment({ name: 'test-venv', requirements, root });
    await environment.python();
  }, MILLISECONDS);
  afterAll(() => rm(folder, { recursive: true }));

  const only = async (path: string): Promise<string> => join(path, (await readdir(path))[0] ?? '');
  const sitePackages = async (): Promise<string> => join(await only(join(await only(root), 'lib')), 'site-packages');

  it('is not made again while it is whole', async () => {
    const said: string[] = [];
    await environment.python({ report: (line) => said.push(line) });
    expect(said).toEqual([]);
  });

  it.each([
    ['a package lacks a file', 'pip/_internal/exceptions.py', (file: string) => rm(file)],
    ['a file is half there', 'pip/_internal/exceptions.py', (file: string) => truncate(file, 100)],
    ['its Python is gone', '../../../bin/python', (file: string) => rm(file)],
  ])('is not whole when %s', async (_, name, damage) => {
    const file = join(await sitePackages(), name);
    const kept = join(folder, 'kept');
    await cp(file, kept, { verbatimSymlinks: true });
    await damage(file);
    expect(await environment.installed()).toBe(false);
    await rm(file, { force: true });
    await rename(kept, file);
    expect(await environment.installed()).toBe(true);
  });

  it(
    'repairs itself when something else is in its place',
    async () => {
      const place = await only(root);
      await rm(place, { recursive: true });
      await mkdir(join(place, 'half'), { recursive: true });
      const said: string[] = [];
      const python = await environment.python({ report: (line) => said.push(line) });
      expect(said).toEqual([expect.stringMatching(/^Installing test-venv with pip/)]);
      expect(await run(python, ['-m', 'pip', '--version'], { environment: process.env })).toContain(root);
      expect(await readdir(root)).toHaveLength(1);
    },
    MILLISECONDS,
  );
});
