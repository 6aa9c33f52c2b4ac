import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FileSystem, systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import { ClusterTargets } from '../../../containers/target-sync/sync/cluster-targets.ts';
import { createPublisher } from '../../../containers/target-sync/sync/publisher.ts';
import fc from '../../fast-check.ts';
import { fillableFiles, inFolder, listeningLog } from './fixtures.ts';
import { address, configuration, NOW, stop, upsert } from './statements.ts';
import { volumeIn } from './volume.ts';

async function publisherIn(root: string, files: FileSystem = systemFiles) {
  const volume = await volumeIn(root, files);
  const known = new ClusterTargets(2);
  const told = listeningLog();
  const publisher = createPublisher({ ...volume, ...told, clusters: new Map([['prod', known]]) });
  return { ...volume, ...told, known, publisher };
}

describe('the publisher', () => {
  it('tells each change of a file in one line, without its content', () =>
    inFolder(async (root) => {
      const { publisher, known, lines } = await publisherIn(root);
      known.read(0, configuration(7, upsert(1), upsert(2)), NOW);
      expect([await publisher.publish('prod', 0), await publisher.publish('prod', 0)]).toEqual([true, true]);
      const fields = { cluster: 'prod', shard: 0, version: 7, targets: 2 };
      expect(lines).toEqual([{ level: 'info', message: 'targets written', ...fields }]);
    }));

  it('writes at each of many versions what is known, and what survives a restart before that', () =>
    inFolder(async (root) => {
      const order: string[] = [];
      const { publisher, known, addresses, stateFiles } = await publisherIn(root, {
        ...systemFiles,
        async rename(from, to) {
          order.push(String(to).split('/').at(-1) ?? '');
          await systemFiles.rename(from, to);
        },
      });
      for (let version = 1; version <= 30; version += 1) {
        known.read(0, configuration(version, upsert(version), upsert(version + 1)), NOW);
        await publisher.publish('prod', 0);
        expect(await addresses(0)).toEqual([address(version), address(version + 1)].sort());
        expect(await stateFiles.load('prod', 0)).toEqual(known.state(0));
      }
      expect(order).toEqual(Array(30).fill(['prod-0.state', 'prod-0.json']).flat());
    }));

  it('writes once for all that asks for a shard while another is being written', () =>
    inFolder(async (root) => {
      let reads = 0;
      const { publisher, known } = await publisherIn(root, {
        ...systemFiles,
        readFile: (async (...parameters: Parameters<typeof systemFiles.readFile>) => {
          reads += 1;
          return systemFiles.readFile(...parameters);
        }) as typeof systemFiles.readFile,
      });
      known.read(0, configuration(7, upsert(1)), NOW);
      await Promise.all(Array.from({ length: 10 }, () => publisher.publish('prod', 0)));
      // One each of the state and of the file.
      expect(reads).toBe(2);
    }));

  it('writes no file whose state it could not write, for after its death it would go back behind it', () =>
    inFolder(async (root) => {
      let isDying = false;
      const { publisher, known, addresses } = await publisherIn(root, {
        ...systemFiles,
        async rename(from, to) {
          if (isDying && String(to).endsWith('.state')) throw new Error('killed');
          await systemFiles.rename(from, to);
        },
      });
      known.hear(upsert(1), NOW);
      const home = known.home(upsert(1).taskId);
      await publisher.publish('prod', home);
      isDying = true;
      known.hear(stop(1), NOW);
      expect(await publisher.publish('prod', home)).toBe(false);
      expect(await addresses(home)).toEqual([address(1)]);
      expect(publisher.failed('prod')).toEqual([home]);
    }));

  it('keeps the file when the disk is full, says so once, and writes when there is room again', () =>
    inFolder(async (root) => {
      const disk = fillableFiles();
      const { publisher, known, addresses, incidents, lines } = await publisherIn(root, disk);
      known.read(0, configuration(7, upsert(1)), NOW);
      await publisher.publish('prod', 0);
      disk.full = true;
      known.read(0, configuration(8, upsert(1), upsert(2)), NOW);
      for (let attempt = 0; attempt < 3; attempt += 1) expect(await publisher.publish('prod', 0)).toBe(false);
      expect(await addresses(0)).toEqual([address(1)]);
      expect(lines.slice(1)).toEqual([expect.objectContaining({ level: 'error', subject: 'file prod/0' })]);
      expect(incidents.open().map(({ problem }) => problem)).toEqual([
        'the file stays as it is: Error: ENOSPC: no space left on device, write – make room on the volume of TARGET_SYNC_DIRECTORY',
      ]);
      disk.full = false;
      expect(await publisher.publish('prod', 0)).toBe(true);
      expect([incidents.open(), publisher.failed('prod'), lines.at(-1)?.message]).toEqual([[], [], 'works again']);
    }));

  it('leaves a file alone whose state was lost, and a shard of which nothing is known', () =>
    inFolder(async (root) => {
      const { publisher, known, addresses, targetFiles, incidents } = await publisherIn(root);
      await targetFiles.write('prod', 0, [{ targets: ['10.0.0.9:3000'], labels: {} }]);
      known.distrust(0);
      expect([await publisher.publish('prod', 0), await publisher.publish('prod', 1)]).toEqual([false, true]);
      expect(incidents.open()[0]?.problem).toContain('its configuration was not read since its state was lost');
      expect([await addresses(0), await addresses(1)]).toEqual([['10.0.0.9:3000'], undefined]);
      known.read(0, configuration(1, upsert(1)), NOW);
      expect(await publisher.publish('prod', 0)).toBe(true);
      expect([await addresses(0), incidents.open()]).toEqual([[address(1)], []]);
    }));

  it('ends with the newest, whatever is published at once', () =>
    inFolder(async (root) => {
      const { publisher, known, directory } = await publisherIn(root);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat({ max: 250 }), { minLength: 1, maxLength: 12 }), async (numbers) => {
          let version = known.version(0) ?? 0;
          const all = numbers.map((number) => {
            version += 1;
            known.read(0, configuration(version, upsert(number)), NOW);
            return publisher.publish('prod', 0);
          });
          await Promise.all(all);
          const [group] = JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'));
          expect(group.targets).toEqual([address(numbers.at(-1) ?? 0)]);
        }),
        { numRuns: 20 },
      );
    }));
});
