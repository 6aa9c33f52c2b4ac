import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemFiles } from '../../../containers/target-sync/file-system.ts';
import { createTargetFiles } from '../../../containers/target-sync/target-files.ts';
import { fillableFiles, groupsOf, inFolder } from './fixtures.ts';

describe('target files', () => {
  it('hold one JSON array of target groups per shard', () =>
    inFolder(async (directory) => {
      const files = createTargetFiles(systemFiles, directory);
      expect(await files.write('prod', 0, groupsOf(1, 2))).toBe('written');
      expect(await files.write('prod', 1, [])).toBe('written');
      expect((await readdir(directory)).sort()).toEqual(['prod-0.json', 'prod-1.json']);
      expect(JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'))).toEqual(groupsOf(1, 2));
      expect(await readFile(join(directory, 'prod-1.json'), 'utf8')).toBe('[]\n');
    }));

  it('are readable for the collector, which is another user, even under a strict umask', () =>
    inFolder(async (directory) => {
      const umask = process.umask(0o077);
      try {
        await createTargetFiles(systemFiles, directory).write('prod', 0, groupsOf(1));
      } finally {
        process.umask(umask);
      }
      expect((await stat(join(directory, 'prod-0.json'))).mode & 0o777).toBe(0o644);
    }));

  it('are not touched when nothing changed, and repaired when somebody else changed them', () =>
    inFolder(async (directory) => {
      const files = createTargetFiles(systemFiles, directory);
      const path = join(directory, 'prod-0.json');
      await files.write('prod', 0, groupsOf(1));
      const before = new Date(1_000_000_000_000);
      await utimes(path, before, before);
      expect(await files.write('prod', 0, groupsOf(1))).toBe('unchanged');
      expect((await stat(path)).mtime).toEqual(before);

      await writeFile(path, '[');
      expect(await files.write('prod', 0, groupsOf(1))).toBe('written');
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(groupsOf(1));
    }));

  it('are never half written for a reader, however often they change', () =>
    inFolder(async (directory) => {
      const files = createTargetFiles(systemFiles, directory);
      const path = join(directory, 'prod-0.json');
      const many = Array.from({ length: 200 }, (_, number) => number);
      await files.write('prod', 0, groupsOf(...many));
      let writing = true;
      let reads = 0;
      const reader = (async () => {
        while (writing) {
          const groups = JSON.parse(await readFile(path, 'utf8')) as unknown[];
          expect([many.length, 1]).toContain(groups.length);
          reads += 1;
        }
      })();
      for (let round = 0; round < 100; round += 1) {
        await files.write('prod', 0, round % 2 === 0 ? groupsOf(1) : groupsOf(...many));
      }
      writing = false;
      await reader;
      expect(reads).toBeGreaterThan(50);
    }));

  it('stay as they are when the disk is full, and nothing half written stays', () =>
    inFolder(async (directory) => {
      const disk = fillableFiles();
      const files = createTargetFiles(disk, directory);
      await files.write('prod', 0, groupsOf(1));
      disk.full = true;
      await expect(files.write('prod', 0, groupsOf(1, 2))).rejects.toThrow('ENOSPC');
      expect(await readdir(directory)).toEqual(['prod-0.json']);
      expect(JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'))).toEqual(groupsOf(1));
      disk.full = false;
      expect(await files.write('prod', 0, groupsOf(1, 2))).toBe('written');
    }));

  it('that a killed process left half written are removed; the pattern of the collector never matched them', () =>
    inFolder(async (directory) => {
      const left = '.target-sync-0b9c1d5e-7a41-4c4e-9d25-0c6f4b8f2a11.tmp';
      expect(left).not.toMatch(/\.json$/);
      await writeFile(join(directory, left), '[{"targ');
      await writeFile(join(directory, 'notes.tmp'), 'mine');
      await createTargetFiles(systemFiles, directory).removeLeftOvers();
      expect(await readdir(directory)).toEqual(['notes.tmp']);
    }));

  it('of shards that are another collector’s are removed; what is not ours stays', () =>
    inFolder(async (directory) => {
      const names = [
        'prod-0.json',
        'prod-1.json',
        'prod-12.json',
        'old-0.json',
        'static.json',
        'mine-1.json',
        'prod-x.json',
      ];
      await Promise.all(names.map((name) => writeFile(join(directory, name), '[]')));
      const files = createTargetFiles(systemFiles, directory);
      const removed = await files.removeShards(['prod', 'old'], (cluster, shard) => cluster === 'prod' && shard === 1);
      expect(removed.sort()).toEqual(['old-0.json', 'prod-0.json', 'prod-12.json']);
      expect((await readdir(directory)).sort()).toEqual(['mine-1.json', 'prod-1.json', 'prod-x.json', 'static.json']);
    }));
});
