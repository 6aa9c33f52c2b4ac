import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type FileSystem, systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import { createIncidents } from '../../../containers/target-sync/operator/incidents.ts';
import type { LogFields } from '../../../containers/target-sync/operator/log.ts';
import type { Configuration } from '../../../containers/target-sync/sync/shard-state.ts';
import type { ShardRead } from '../../../functions/aws/shard-reader.ts';
import type { MessageQueue, QueuedMessage } from '../../../functions/aws/sqs.ts';
import { systemClock } from '../../../functions/aws/system-clock.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import { NOW } from './statements.ts';

/** A folder that is there for the length of `action`. */
export async function inFolder<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'target-sync-'));
  try {
    return await action(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A clock that a test moves. */
export function stillClock(start = NOW * 1000): Clock & { advance(milliseconds: number): void } {
  let now = start;
  return {
    now: () => now,
    // A wait that can be ended early is ended by the test; the others take no time.
    sleep: (milliseconds, ...signals) =>
      signals.length > 0 ? systemClock.sleep(milliseconds, ...signals) : Promise.resolve(),
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

/** Shards as a test sets them, by `cluster/shard`; a failure by a shard's number, or of all. */
export interface FakeSource {
  readonly shards: Map<string, Configuration>;
  readonly reads: string[];
  readonly failures: Map<number | 'all', Error>;
  read(cluster: string, shards: readonly number[]): Promise<Map<number, ShardRead>>;
}

export function fakeSource(): FakeSource {
  const source: FakeSource = {
    shards: new Map(),
    reads: [],
    failures: new Map(),
    async read(cluster, shards) {
      source.reads.push(`${cluster}:${shards.join(',')}`);
      for (const [which, error] of source.failures) if (which === 'all' || shards.includes(which)) throw error;
      return new Map(
        shards.map((shard): [number, ShardRead] => {
          const found = source.shards.get(`${cluster}/${shard}`);
          return [
            shard,
            found
              ? { kind: 'shard', newest: found.version, ...found }
              : { kind: 'missing', newest: 0, parameter: `/discovery/${cluster}/targets/${shard}` },
          ];
        }),
      );
    },
  };
  return source;
}

/** A queue that hands out what a test sends, and remembers what became of it. */
export interface FakeQueue extends MessageQueue {
  /** `receiveCount`, and by the queue's clock in milliseconds `firstReceivedAt`. */
  send(body: string, more?: Partial<QueuedMessage>): void;
  readonly deleted: string[];
  /** Messages that nobody has taken yet. */
  waiting(): number;
  receiveFailure: Error | undefined;
  /** What deleting waits for. */
  deletion: Promise<void>;
}

export function fakeQueue(clock: Clock): FakeQueue {
  const visible: QueuedMessage[] = [];
  const bodies = new Map<string, string>();
  let wake = () => {};
  const queue: FakeQueue = {
    deleted: [],
    waiting: () => visible.length,
    receiveFailure: undefined,
    deletion: Promise.resolve(),
    send(body, more = {}) {
      const receiptHandle = String(bodies.size);
      bodies.set(receiptHandle, body);
      const times = { sentAt: clock.now(), firstReceivedAt: clock.now() };
      visible.push({ messageId: receiptHandle, receiptHandle, body, receiveCount: 1, ...times, ...more });
      wake();
    },
    async receive({ signal } = {}) {
      if (queue.receiveFailure) throw queue.receiveFailure;
      if (visible.length === 0 && signal) {
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }
      return visible.splice(0, 10);
    },
    async delete(receiptHandle) {
      await queue.deletion;
      queue.deleted.push(bodies.get(receiptHandle) ?? '');
    },
    retryAfter: async () => {},
    putAside: async () => {},
  };
  return queue;
}

export interface LogLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** A log, and the incidents that are written to it. */
export function listeningLog() {
  const lines: LogLine[] = [];
  const log = (level: string, message: string, fields: LogFields = {}) => {
    lines.push({ level, message, ...fields });
  };
  return { lines, log, incidents: createIncidents(log, () => NOW * 1000) };
}

/** Waits until something is so, which takes as long as the disk does. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); ) {
    if (Date.now() > end) throw new Error('waited in vain');
    await setTimeout(1);
  }
}
