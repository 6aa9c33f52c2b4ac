import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FileSystem, systemFiles } from '../../../containers/target-sync/file-system.ts';
import { LAG } from '../../../containers/target-sync/version-guard.ts';
import { fillableFiles, groupsOf, inFolder, publisherIn, reading, stillClock } from './fixtures.ts';

const targetsIn = async (directory: string): Promise<unknown> =>
  JSON.parse(await readFile(join(directory, 'prod-0.json'), 'utf8'));

const refresh = { cause: 'refresh' } as const;
const event = (sentAt: number) => ({ cause: 'event', sentAt }) as const;

describe('the publisher', () => {
  it('tells each change in one line, without its content', () =>
    inFolder(async (directory) => {
      const clock = stillClock();
      const { publisher, lines } = await publisherIn(directory, clock);
      const sentAt = clock.now();
      clock.advance(12);
      expect(await publisher.publish('prod', 0, reading(7, 1, 2), event(sentAt))).toBe('current');
      expect(await publisher.publish('prod', 0, reading(8, 1, 2), event(sentAt))).toBe('current');
      expect(lines).toEqual([
        {
          level: 'info',
          message: 'targets written',
          cluster: 'prod',
          shard: 0,
          version: 7,
          targets: 2,
          cause: 'event',
          ageMs: 12,
        },
      ]);
    }));

  it('never lets an event bring an older version', () =>
    inFolder(async (directory) => {
      const { publisher } = await publisherIn(directory, stillClock());
      await publisher.publish('prod', 0, reading(7, 1), event(0));
      expect(await publisher.publish('prod', 0, reading(6, 9), event(0))).toBe('held');
      expect(await publisher.publish('prod', 0, reading(6, 9), event(0))).toBe('held');
      expect(await targetsIn(directory)).toEqual(groupsOf(1));
    }));

  it('lets the refresh bring an older version when it still finds one after longer than SSM lags', () =>
    inFolder(async (directory) => {
      const clock = stillClock();
      const { publisher, lines } = await publisherIn(directory, clock);
      await publisher.publish('prod', 0, reading(40, 1), refresh);
      expect(await publisher.publish('prod', 0, reading(1, 9), refresh)).toBe('held');
      expect(lines.at(-1)).toMatchObject({ level: 'warn', version: 1, newest: 40 });
      // A pass that failed elsewhere is tried again within a second.
      clock.advance(1000);
      expect(await publisher.publish('prod', 0, reading(1, 9), refresh)).toBe('held');
      clock.advance(LAG);
      expect(await publisher.publish('prod', 0, reading(2, 9), refresh)).toBe('current');
      expect(await targetsIn(directory)).toEqual(groupsOf(9));
      expect(await publisher.publish('prod', 0, reading(3, 8), event(0))).toBe('current');
    }));

  it('forgets a lag when the next reading is current', () =>
    inFolder(async (directory) => {
      const { publisher } = await publisherIn(directory, stillClock());
      await publisher.publish('prod', 0, reading(7, 1), refresh);
      await publisher.publish('prod', 0, reading(6, 9), refresh);
      await publisher.publish('prod', 0, reading(7, 1), refresh);
      expect(await publisher.publish('prod', 0, reading(6, 9), refresh)).toBe('held');
    }));

  it('remembers what is published over a restart', () =>
    inFolder(async (directory) => {
      const before = await publisherIn(directory, stillClock());
      await before.publisher.publish('prod', 0, reading(7, 1), refresh);
      const after = await publisherIn(directory, stillClock());
      expect(await after.publisher.publish('prod', 0, reading(6, 9), refresh)).toBe('held');
      expect(await targetsIn(directory)).toEqual(groupsOf(1));
    }));

  it.each(['', '{"prod/0":', '{"prod/0":-1}', '[]'])('does without its memory when that is %j', (content) =>
    inFolder(async (directory) => {
      await writeFile(join(directory, 'target-sync.versions'), content);
      const { publisher } = await publisherIn(directory, stillClock());
      expect(await publisher.publish('prod', 0, reading(1, 1), refresh)).toBe('current');
    }),
  );

  it('writes no file whose version it does not remember, for after its death it would go back behind it', () =>
    inFolder(async (directory) => {
      const files: FileSystem = {
        ...systemFiles,
        async rename(from, to) {
          if (String(to).endsWith('target-sync.versions')) throw new Error('killed');
          await systemFiles.rename(from, to);
        },
      };
      await (await publisherIn(directory, stillClock())).publisher.publish('prod', 0, reading(7, 1), event(0));
      const dying = await publisherIn(directory, stillClock(), files);
      expect(await dying.publisher.publish('prod', 0, reading(8, 1, 2), event(0))).toBe('failed');
      expect(await targetsIn(directory)).toEqual(groupsOf(1));
    }));

  it('keeps the file when the disk is full, says so once, and writes when there is room again', () =>
    inFolder(async (directory) => {
      const disk = fillableFiles();
      const { publisher, lines, incidents } = await publisherIn(directory, stillClock(), disk);
      await publisher.publish('prod', 0, reading(7, 1), refresh);
      disk.full = true;
      for (let attempt = 0; attempt < 3; attempt += 1) {
        expect(await publisher.publish('prod', 0, reading(8, 1, 2), refresh)).toBe('failed');
      }
      expect(publisher.published('prod', 0)?.version).toBe(7);
      expect(await targetsIn(directory)).toEqual(groupsOf(1));
      expect(lines.slice(1)).toEqual([expect.objectContaining({ level: 'error', subject: 'prod/0' })]);
      expect(incidents.open()).toEqual([
        'the file stays as it is: Error: ENOSPC: no space left on device, write – make room on the volume of TARGET_SYNC_DIRECTORY',
      ]);
      disk.full = false;
      expect(await publisher.publish('prod', 0, reading(8, 1, 2), refresh)).toBe('current');
      expect(incidents.open()).toEqual([]);
      expect(lines.at(-1)).toMatchObject({ message: 'works again' });
    }));

  it('keeps the file when the shard is missing or unreadable, and says what to do', () =>
    inFolder(async (directory) => {
      const { publisher, incidents } = await publisherIn(directory, stillClock());
      await publisher.publish('prod', 0, reading(7, 1), refresh);
      const parameter = '/discovery/prod/targets/0';
      expect(await publisher.publish('prod', 0, { kind: 'missing', parameter }, refresh)).toBe('failed');
      expect(incidents.open()[0]).toContain(`parameter ${parameter} does not exist – deploy the stack, or run resync`);
      const unreadable = {
        kind: 'unreadable',
        parameter,
        version: 8,
        error: new Error('not a shard document'),
      } as const;
      expect(await publisher.publish('prod', 0, unreadable, refresh)).toBe('failed');
      expect(incidents.open()[0]).toContain('version 8 of parameter /discovery/prod/targets/0 cannot be read');
      expect(await publisher.publish('prod', 0, undefined, refresh)).toBe('failed');
      expect(await targetsIn(directory)).toEqual(groupsOf(1));
    }));

  it('ends at the newest version, in whatever order and however interleaved events bring them', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), (versions) =>
        inFolder(async (directory) => {
          const { publisher } = await publisherIn(directory, stillClock());
          await Promise.all(
            versions.map((version) => publisher.publish('prod', 0, reading(version, version), event(0))),
          );
          expect(await targetsIn(directory)).toEqual(groupsOf(Math.max(...versions)));
        }),
      ),
      { numRuns: 50 },
    ));
});
