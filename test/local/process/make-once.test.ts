import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeOnce } from '../../../infra/local/process/make-once.ts';

describe('something that is slow to make', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'make-once-'));
    path = join(folder, 'thing');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is made by one of many who want it at once, and the others hear that they wait', async () => {
    let made = 0;
    let waiting = 0;
    const want = () =>
      makeOnce(
        path,
        async (aside) => {
          made += 1;
          await writeFile(aside, 'half');
          await sleep(50);
          await expect(access(path)).rejects.toThrow('ENOENT');
          await writeFile(aside, 'whole');
        },
        () => {
          waiting += 1;
        },
      );
    await Promise.all([want(), want(), want()]);
    expect(made).toBe(1);
    expect(waiting).toBe(2);
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['thing']);
  });

  it('is not made when it is there', async () => {
    await writeFile(path, 'earlier');
    await makeOnce(path, () => Promise.reject(new Error('made again')));
    expect(await readFile(path, 'utf8')).toBe('earlier');
  });

  it('leaves nothing behind when it cannot be made, and the next one can try', async () => {
    const failing = makeOnce(path, async (aside) => {
      await mkdir(join(aside, 'half'), { recursive: true });
      throw new Error('no space left');
    });
    await expect(failing).rejects.toThrow('no space left');
    expect(await readdir(folder)).toEqual([]);
    await makeOnce(path, (aside) => writeFile(aside, 'whole'));
    expect(await readFile(path, 'utf8')).toBe('whole');
  });

  it('is made in the place of somebody who died over it', async () => {
    const minuteAgo = new Date(Date.now() - 60_000);
    await writeFile(`${path}.lock`, '');
    await utimes(`${path}.lock`, minuteAgo, minuteAgo);
    await makeOnce(path, (aside) => writeFile(aside, 'whole'));
    expect(await readdir(folder)).toEqual(['thing']);
  });
});
