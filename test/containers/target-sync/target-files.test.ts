import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import type { TargetGroup } from '../../../functions/discovery/target/file-sd.ts';
import { fillableFiles, inFolder } from './fixtures.ts';
import { volumeIn } from './volume.ts';

/** Targets that differ by their number. */
const groupsOf = (...numbers: number[]): TargetGroup[] =>
  numbers.map((number) => ({
    targets: [`10.0.0.${number}:3000`],
    labels: { cluster: 'prod', taskid: `task${number}` },
  }));

describe('target files', () => {
  it('hold one JSON array of target groups per shard', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      expect(await targetFiles.write('prod', 0, groupsOf(1, 2))).toBe('written');
      expect(await targetFiles.write('prod', 1, [])).toBe('written');
      expect((await readdir(directory)).sort()).toEqual(['prod-0.json', 'prod-1.json']);
      expect(JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'))).toEqual(groupsOf(1, 2));
      expect(await readFile(join(directory, 'prod-1.json'), 'utf8')).toBe('[]\n');
      expect([await targetFiles.has('prod', 1), await targetFiles.has('prod', 2)]).toEqual([true, false]);
    }));

  it('are on the disk before they have their name: a machine that loses its power loses no target', () =>
    inFolder(async (root) => {
      const steps: string[] = [];
      const { targetFiles } = await volumeIn(root, {
        ...systemFiles,
        async open(...parameters) {
          const handle = await systemFiles.open(...parameters);
          const sync = handle.sync.bind(handle);
          handle.sync = async () => {
            steps.push('sync');
            await sync();
          };
          return handle;
        },
        async rename(from, to) {
          steps.push('rename');
          await systemFiles.rename(from, to);
        },
      });
      await targetFiles.write('prod', 0, groupsOf(1));
      expect(steps).toEqual(['sync', 'rename']);
    }));

  it('of a cluster elsewhere are its own, and stay when those of one with the same name go', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      const north = 'prod.eu-north-1.444455556666';
      for (const cluster of ['prod', north]) await targetFiles.write(cluster, 0, groupsOf(1));
      expect(await targetFiles.removeShards([north], () => true)).toEqual(['prod-0.json']);
      expect(await readdir(directory)).toEqual([`${north}-0.json`]);
    }));

  it('are readable for the collector, which is another user, even under a strict umask', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      const umask = process.umask(0o077);
      try {
        await targetFiles.write('prod', 0, groupsOf(1));
      } finally {
        process.umask(umask);
      }
      expect((await stat(join(directory, 'prod-0.json'))).mode & 0o777).toBe(0o644);
    }));

  it('are not touched when nothing changed, and repaired when somebody else changed them', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      const path = join(directory, 'prod-0.json');
      await targetFiles.write('prod', 0, groupsOf(1));
      const before = new Date(1_000_000_000_000);
      await utimes(path, before, before);
      expect(await targetFiles.write('prod', 0, groupsOf(1))).toBe('unchanged');
      expect((await stat(path)).mtime).toEqual(before);

      await writeFile(path, '[');
      expect(await targetFiles.write('prod', 0, groupsOf(1))).toBe('written');
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(groupsOf(1));
    }));

  it('are never half written for a reader, and nothing else is ever in their folder, however often they change', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      const many = Array.from({ length: 200 }, (_, number) => number);
      await targetFiles.write('prod', 0, groupsOf(...many));
      let writing = true;
      let reads = 0;
      const reader = (async () => {
        while (writing) {
          const groups = JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8')) as unknown[];
          expect([many.length, 1]).toContain(groups.length);
          expect(await readdir(directory)).toEqual(['prod-0.json']);
          reads += 1;
        }
      })();
      for (let round = 0; round < 50; round += 1) {
        await targetFiles.write('prod', 0, round % 2 === 0 ? groupsOf(1) : groupsOf(...many));
      }
      writing = false;
      await reader;
      expect(reads).toBeGreaterThan(10);
    }));

  it('stay as they are when the disk is full, and nothing half written stays', () =>
    inFolder(async (root) => {
      const disk = fillableFiles();
      const { targetFiles, directory, state } = await volumeIn(root, disk);
      await targetFiles.write('prod', 0, groupsOf(1));
      disk.full = true;
      await expect(targetFiles.write('prod', 0, groupsOf(1, 2))).rejects.toThrow('ENOSPC');
      expect([await readdir(directory), await readdir(state)]).toEqual([['prod-0.json'], []]);
      expect(JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'))).toEqual(groupsOf(1));
      disk.full = false;
      expect(await targetFiles.write('prod', 0, groupsOf(1, 2))).toBe('written');
    }));

  it('that a killed process left half written are removed', () =>
    inFolder(async (root) => {
      const { targetFiles, state } = await volumeIn(root);
      await writeFile(join(state, '.target-sync-0b9c1d5e-7a41-4c4e-9d25-0c6f4b8f2a11.tmp'), '[{"targ');
      await writeFile(join(state, 'prod-0.state'), 'mine');
      await targetFiles.removeLeftOvers();
      expect(await readdir(state)).toEqual(['prod-0.state']);
    }));

  it('of other shards and of clusters that are no longer watched are removed', () =>
    inFolder(async (root) => {
      const { targetFiles, directory } = await volumeIn(root);
      const names = ['prod-0.json', 'prod-1.json', 'prod-12.json', 'old-0.json', 'old-prod-1.json', 'prod-x.json'];
      await Promise.all(names.map((name) => writeFile(join(directory, name), '[]')));
      const removed = await targetFiles.removeShards(['prod'], (shard) => shard === 1);
      expect(removed.sort()).toEqual(['old-0.json', 'old-prod-1.json', 'prod-0.json', 'prod-12.json']);
      expect((await readdir(directory)).sort()).toEqual(['prod-1.json', 'prod-x.json']);
    }));
});
