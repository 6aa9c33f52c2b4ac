import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ShardState } from '../../../containers/target-sync/sync/shard-state.ts';
import { fillableFiles, inFolder } from './fixtures.ts';
import { configuration, deselect, NOW, stop, upsert } from './statements.ts';
import { volumeIn } from './volume.ts';

const STATE: ShardState = {
  configuration: configuration(7, upsert(1), upsert(2, 3, NOW - 5, 4000), stop(4, 2, NOW - 50), deselect(2, 2)),
  lower: { ...configuration(2, upsert(9)), since: NOW * 1000 + 1 },
  heard: [
    { change: upsert(3, 4), heardAt: NOW * 1000 },
    { change: stop(5), heardAt: NOW * 1000 + 17 },
    { change: { ...deselect(6), service: 'web' }, heardAt: NOW * 1000 + 18 },
  ],
};

describe('the state of a shard', () => {
  it('survives a restart whole', () =>
    inFolder(async (root) => {
      const { stateFiles } = await volumeIn(root);
      await stateFiles.save('prod', 3, STATE);
      expect(await stateFiles.load('prod', 3)).toEqual(STATE);
      const nothing = { configuration: undefined, heard: [] };
      await stateFiles.save('prod', 3, nothing);
      expect(await stateFiles.load('prod', 3)).toEqual(nothing);
    }));

  it.each([0, 1, 3000])('survives with %i tasks, also where an announcement would be split', (count) =>
    inFolder(async (root) => {
      const { stateFiles } = await volumeIn(root);
      const changes = Array.from({ length: count }, (_, number) => upsert(number));
      const heard = changes.map((change, heardAt) => ({ change, heardAt }));
      const state = { configuration: configuration(1, ...changes), heard };
      await stateFiles.save('prod', 0, state);
      expect(await stateFiles.load('prod', 0)).toEqual(state);
    }),
  );

  it('is not written again when nothing changed', () =>
    inFolder(async (root) => {
      const { stateFiles, state } = await volumeIn(root);
      const path = join(state, 'prod-0.state');
      await stateFiles.save('prod', 0, STATE);
      const before = new Date(1_000_000_000_000);
      await utimes(path, before, before);
      await stateFiles.save('prod', 0, STATE);
      expect((await stat(path)).mtime).toEqual(before);
      await stateFiles.save('prod', 0, { ...STATE, heard: [] });
      expect((await stat(path)).mtime).not.toEqual(before);
    }));

  it('is as it was when the disk is full', () =>
    inFolder(async (root) => {
      const disk = fillableFiles();
      const { stateFiles } = await volumeIn(root, disk);
      await stateFiles.save('prod', 0, STATE);
      disk.full = true;
      await expect(stateFiles.save('prod', 0, { ...STATE, heard: [] })).rejects.toThrow('ENOSPC');
      expect(await stateFiles.load('prod', 0)).toEqual(STATE);
    }));

  it.each([
    '',
    '{',
    '{}',
    '{"changes":[1],"heard":[]}',
    '{"configuration":{"version":1,"document":"x"},"changes":[],"heard":[]}',
  ])('that is %j is none', (text) =>
    inFolder(async (root) => {
      const { stateFiles, state } = await volumeIn(root);
      await writeFile(join(state, 'prod-0.state'), text);
      expect(await stateFiles.load('prod', 0)).toBeUndefined();
    }),
  );

  it('that was cut short anywhere is none', () =>
    inFolder(async (root) => {
      const { stateFiles, state } = await volumeIn(root);
      const path = join(state, 'prod-0.state');
      await stateFiles.save('prod', 0, STATE);
      const { length } = (await readFile(path, 'utf8')).trimEnd();
      for (let bytes = length - 1; bytes >= 0; bytes = Math.floor(bytes * 0.9) - 1) {
        await truncate(path, bytes);
        expect(await stateFiles.load('prod', 0)).toBeUndefined();
      }
    }));

  it('is listed and removed by cluster and shard', () =>
    inFolder(async (root) => {
      const { stateFiles, state } = await volumeIn(root);
      await stateFiles.save('prod', 0, STATE);
      await stateFiles.save('a-b', 12, STATE);
      await writeFile(join(state, 'starts'), '1');
      expect((await stateFiles.list()).sort((a, b) => a.shard - b.shard)).toEqual([
        { cluster: 'prod', shard: 0 },
        { cluster: 'a-b', shard: 12 },
      ]);
      await stateFiles.remove('a-b', 12);
      expect((await readdir(state)).sort()).toEqual(['prod-0.state', 'starts']);
    }));
});
