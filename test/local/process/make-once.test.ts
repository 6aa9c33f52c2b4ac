import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exists, makeOnce } from '../../../infra/local/process/make-once.ts';

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
        {
          waiting: () => {
            waiting += 1;
          },
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

  it('is made in the place of somebody who died over it, and what they left is removed', async () => {
    await writeFile(`${path}.lock`, JSON.stringify({ pid: process.pid, born: '1' }));
    await mkdir(`${path}.1234abcd/half`, { recursive: true });
    await mkdir(`${path}.1234abcd.archives`);
    await makeOnce(path, (aside) => writeFile(aside, 'whole'));
    expect(await readdir(folder)).toEqual(['thing']);
  });

  it.each(['', '{"pid":'])('is made where the lock holds %j', async (text) => {
    await writeFile(`${path}.lock`, text);
    await makeOnce(path, (aside) => writeFile(aside, 'whole'));
    expect(await readdir(folder)).toEqual(['thing']);
  });

  it('is made again where it is damaged, also where it is a folder that is not empty', async () => {
    await mkdir(join(path, 'bin'), { recursive: true });
    await writeFile(join(path, 'bin/half'), '');
    const isWhole = () => exists(join(path, 'bin/whole'));
    const make = async (aside: string) => {
      await mkdir(join(aside, 'bin'), { recursive: true });
      await writeFile(join(aside, 'bin/whole'), '');
    };
    await makeOnce(path, make, { isWhole });
    expect(await readdir(join(path, 'bin'))).toEqual(['whole']);
    await makeOnce(path, () => Promise.reject(new Error('made again')), { isWhole });
  });

  it('is not made by two when both find somebody dead over it', async () => {
    await writeFile(`${path}.lock`, JSON.stringify({ pid: process.pid, born: '1' }));
    let making = 0;
    let most = 0;
    const want = () =>
      makeOnce(path, async (aside) => {
        most = Math.max(most, ++making);
        await sleep(50);
        await writeFile(aside, 'whole');
        making -= 1;
      });
    await Promise.all([want(), want(), want(), want()]);
    expect(most).toBe(1);
  });
});
