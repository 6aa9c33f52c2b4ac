import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileSystem, systemFiles } from '../../../containers/target-sync/file-system.ts';
import { createHealth } from '../../../containers/target-sync/health.ts';
import { createIncidents } from '../../../containers/target-sync/incidents.ts';
import type { LogFields } from '../../../containers/target-sync/log.ts';
import { createPublisher } from '../../../containers/target-sync/publisher.ts';
import type { ShardReading, ShardSource } from '../../../containers/target-sync/shard-source.ts';
import { createTargetFiles } from '../../../containers/target-sync/target-files.ts';
import { loadVersionMemory } from '../../../containers/target-sync/version-memory.ts';
import type { ChangeQueue, QueueMessage } from '../../../functions/aws/change-queue.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { TargetGroup } from '../../../functions/discovery/target/file-sd.ts';

/** Targets that differ by their number. */
export const groupsOf = (...numbers: number[]): TargetGroup[] =>
  numbers.map((number) => ({
    targets: [`10.0.0.${number}:3000`],
    labels: { cluster: 'prod', taskid: `task${number}`, instance: `10.0.0.${number}` },
  }));

export const reading = (version: number, ...numbers: number[]): ShardReading => ({
  kind: 'targets',
  version,
  groups: groupsOf(...numbers),
});

/** A folder that is there for the length of `action`. */
export async function inFolder<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'target-sync-'));
  try {
    return await action(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A clock that moves only when told. */
export function stillClock(start = 1_000_000): Clock & { advance(milliseconds: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: async () => {},
    random: () => 0,
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** Files on a disk that can fill up: half of what is written then reaches it. */
export function fillableFiles(): FileSystem & { full: boolean } {
  const disk: FileSystem & { full: boolean } = {
    ...systemFiles,
    full: false,
    async open(...parameters) {
      const handle = await systemFiles.open(...parameters);
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (content) => {
        if (!disk.full) return writeFile(content);
        await writeFile(String(content).slice(0, String(content).length / 2));
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      };
      return handle;
    },
  };
  return disk;
}

/** Shards as a test sets them; `failure` makes every reading fail. */
export interface FakeSource extends ShardSource {
  readonly shards: Map<string, ShardReading>;
  readonly reads: string[];
  failure: Error | undefined;
}

export function fakeSource(): FakeSource {
  const source: FakeSource = {
    shards: new Map(),
    reads: [],
    failure: undefined,
    async read(cluster, shards) {
      source.reads.push(`${cluster}:${shards.join(',')}`);
      if (source.failure) throw source.failure;
      return new Map(
        shards.map((shard): [number, ShardReading] => [
          shard,
          source.shards.get(`${cluster}/${shard}`) ?? { kind: 'missing', parameter: `/d/${cluster}/targets/${shard}` },
        ]),
      );
    },
  };
  return source;
}

/** A queue that hands out what is visible, and remembers what became of it. */
export interface FakeQueue extends ChangeQueue {
  send(body: string, sentAt?: number): void;
  readonly deleted: string[];
  readonly postponed: { readonly body: string; readonly seconds: number }[];
  failure: Error | undefined;
  deleteFailure: Error | undefined;
}

export function fakeQueue(clock: Clock): FakeQueue {
  const visible: QueueMessage[] = [];
  let receipts = 0;
  const queue: FakeQueue = {
    deleted: [],
    postponed: [],
    failure: undefined,
    deleteFailure: undefined,
    send(body, sentAt = clock.now()) {
      receipts += 1;
      visible.push({ receipt: String(receipts), body, sentAt, receives: 1 });
    },
    async receive() {
      if (queue.failure) throw queue.failure;
      return visible.splice(0, 10);
    },
    async delete(messages) {
      if (queue.deleteFailure) throw queue.deleteFailure;
      queue.deleted.push(...messages.map(({ body }) => body));
    },
    async postpone(messages) {
      for (const { message, seconds } of messages) {
        queue.postponed.push({ body: message.body, seconds });
        visible.push({ ...message, receives: message.receives + 1 });
      }
    },
  };
  return queue;
}

export interface LogLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** A publisher on real files in `directory`, and what it tells. */
export async function publisherIn(directory: string, clock: Clock, files: FileSystem = systemFiles) {
  const lines: LogLine[] = [];
  const log = (level: string, message: string, fields: LogFields = {}) => {
    lines.push({ level, message, ...fields });
  };
  const incidents = createIncidents(log);
  const health = createHealth(clock.now, 900_000);
  const publisher = createPublisher({
    files: createTargetFiles(files, directory),
    versions: await loadVersionMemory(files, directory),
    incidents,
    health,
    log,
    now: clock.now,
  });
  return { publisher, incidents, health, log, lines };
}

/** The body of a message that names shards and their versions. */
export const changed = (cluster: string, ...shards: readonly (readonly [shard: number, version: number])[]): string =>
  JSON.stringify({
    source: 'ecs-prometheus-discovery',
    'detail-type': 'Scrape Targets Changed',
    detail: { deployment: 'discovery', cluster, shards: shards.map(([shard, version]) => ({ shard, version })) },
  });
