import { withAdvice } from './advice.ts';
import type { Health } from './health.ts';
import type { Incidents } from './incidents.ts';
import type { Log } from './log.ts';
import type { ShardReading } from './shard-source.ts';
import type { TargetFiles } from './target-files.ts';
import { type Cause, type Held, judgeVersion } from './version-guard.ts';
import type { VersionMemory } from './version-memory.ts';

/** Why a shard is published; an event says when its message was sent, in milliseconds since 1970. */
export type Occasion = { readonly cause: 'refresh' } | { readonly cause: 'event'; readonly sentAt: number };

/** Brings what was read of a shard into its file. */
export interface Publisher {
  /**
   * `current`: the file holds what was read. `held`: the file holds something newer. `failed`: the file is as it was,
   * and the incident says why.
   */
  publish(
    cluster: string,
    shard: number,
    reading: ShardReading | undefined,
    occasion: Occasion,
  ): Promise<'current' | 'held' | 'failed'>;
  /** What this process knows to be in a shard's file, and since when in milliseconds since 1970. */
  published(cluster: string, shard: number): { readonly version: number; readonly at: number } | undefined;
}

export interface PublisherParts {
  readonly files: TargetFiles;
  readonly versions: VersionMemory;
  readonly incidents: Incidents;
  readonly health: Health;
  readonly log: Log;
  readonly now: () => number;
}

export function createPublisher({ files, versions, incidents, health, log, now }: PublisherParts): Publisher {
  const published = new Map<string, { readonly version: number; readonly at: number }>();
  const held = new Map<string, Held>();
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time: whether a version may replace another must still be true when it is written. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = last.then(action);
    last = turn.catch(() => {});
    return turn;
  }

  function mayPublish(key: string, version: number, newest: number | undefined, cause: Cause): boolean {
    const before = held.get(key);
    const verdict = judgeVersion(version, newest, cause, before, now());
    if (verdict === 'publish') held.delete(key);
    else if (cause === 'refresh') {
      if (before === undefined || version < before.version) held.set(key, { version, since: now() });
      log('warn', 'held: an older version was read; it is published if a later refresh still finds one', {
        subject: key,
        version,
        newest: newest ?? 0,
      });
    }
    return verdict === 'publish';
  }

  return {
    publish: (cluster, shard, reading, occasion) =>
      inTurn(async () => {
        const key = `${cluster}/${shard}`;
        if (reading?.kind !== 'targets') {
          incidents.begin(key, problemOf(reading), { cluster, shard });
          return 'failed';
        }
        const { version, groups } = reading;
        if (!mayPublish(key, version, versions.get(cluster, shard), occasion.cause)) {
          health.contact();
          return 'held';
        }
        try {
          await versions.set(cluster, shard, version);
          const result = await files.write(cluster, shard, groups);
          published.set(key, { version, at: now() });
          if (result === 'written') {
            const age = occasion.cause === 'event' ? { ageMs: now() - occasion.sentAt } : {};
            const targets = groups.reduce((sum, group) => sum + group.targets.length, 0);
            log('info', 'targets written', { cluster, shard, version, targets, cause: occasion.cause, ...age });
          }
        } catch (error) {
          incidents.begin(key, `the file stays as it is: ${withAdvice(error)}`, { cluster, shard, version });
          return 'failed';
        }
        incidents.end(key);
        health.contact();
        return 'current';
      }),
    published: (cluster, shard) => published.get(`${cluster}/${shard}`),
  };
}

function problemOf(reading: Exclude<ShardReading, { kind: 'targets' }> | undefined): string {
  switch (reading?.kind) {
    case undefined:
      return 'the file stays as it is: the shard was not answered – tried again';
    case 'missing':
      return `the file stays as it is: parameter ${reading.parameter} does not exist – deploy the stack, or run resync to create it`;
    case 'unreadable':
      return `the file stays as it is: version ${reading.version} of parameter ${reading.parameter} cannot be read (${reading.error.message}) – run resync to write it anew`;
  }
}
