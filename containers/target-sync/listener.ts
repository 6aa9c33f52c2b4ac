import type { ChangeQueue, QueueMessage } from '../../functions/aws/change-queue.ts';
import { backoff, type Clock } from '../../functions/discovery/clock.ts';
import type { TargetsChanged } from '../../functions/discovery/names.ts';
import { withAdvice } from './advice.ts';
import { changesInMessage } from './changes-message.ts';
import type { Incidents } from './incidents.ts';
import type { Log } from './log.ts';
import { pause } from './pause.ts';
import type { Publisher } from './publisher.ts';
import type { ShardSource } from './shard-source.ts';

export interface ListenerParts {
  readonly queue: ChangeQueue;
  readonly source: ShardSource;
  readonly publisher: Publisher;
  readonly incidents: Incidents;
  readonly log: Log;
  readonly clock: Clock;
  readonly deployment: string;
  readonly owns: (cluster: string, shard: number) => boolean;
  /** Milliseconds after which a version that was announced and is still not there will not come any more. */
  readonly patience: number;
  /** Told that a parameter seems to have been made anew. */
  readonly onRestartedVersions: () => void;
  /** Called when a batch of messages is settled. */
  readonly afterWork: () => void;
}

/** A change that this collector is concerned by, and the message that told it. */
interface Change {
  readonly message: QueueMessage;
  readonly cluster: string;
  readonly shard: number;
  readonly version: number;
}

const RECEIVE_RETRY = { first: 1000, longest: 30_000 };
const MESSAGE_RETRY = { first: 1000, longest: 60_000 };
/** An event that is younger than a publication by this much and names a lower version was not just overtaken by it. */
const OVERTAKEN = 5000;

/**
 * Waits for events and publishes the shards they name. A message is deleted when the version it names is in the file;
 * until then it comes back, each time later.
 */
export async function listen(parts: ListenerParts, signal: AbortSignal): Promise<void> {
  const { queue, incidents, clock } = parts;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const messages = await queue.receive(signal);
      incidents.end('queue');
      failures = 0;
      if (messages.length === 0) continue;
      await settle(parts, messages, signal);
      parts.afterWork();
    } catch (error) {
      if (signal.aborted) return;
      incidents.begin('queue', `changes are found by the regular refresh only: ${withAdvice(error)}`);
      await pause(backoff(clock, failures++, RECEIVE_RETRY), signal);
    }
  }
}

async function settle(parts: ListenerParts, messages: readonly QueueMessage[], signal: AbortSignal): Promise<void> {
  const { publisher, queue, clock, incidents } = parts;
  const changes = messages.flatMap((message) => changesOf(parts, message));
  const isPublished = ({ cluster, shard, version }: Change) =>
    (publisher.published(cluster, shard)?.version ?? -1) >= version;

  noticeRestartedVersions(parts, changes);
  await publish(
    parts,
    changes.filter((change) => !isPublished(change)),
    signal,
  );

  const unsettled = new Set<QueueMessage>();
  for (const change of changes) {
    if (!isPublished(change) && !(await isGone(parts, change))) unsettled.add(change.message);
  }
  const postponed = [...unsettled].map((message) => ({
    message,
    seconds: Math.ceil(backoff(clock, message.receives - 1, MESSAGE_RETRY) / 1000),
  }));
  try {
    await queue.delete(messages.filter((message) => !unsettled.has(message)));
    await queue.postpone(postponed);
    incidents.end('messages');
  } catch (error) {
    incidents.begin('messages', `messages come again and are read again: ${withAdvice(error)}`);
  }
}

function changesOf({ log, deployment, owns }: ListenerParts, message: QueueMessage): Change[] {
  const event: TargetsChanged | undefined = changesInMessage(message.body);
  if (event === undefined) {
    log('warn', 'dropped a message that is no event about scrape targets; check the rule of the queue', {
      bytes: message.body.length,
    });
    return [];
  }
  if (event.deployment !== deployment) return [];
  return event.shards
    .filter(({ shard }) => owns(event.cluster, shard))
    .map(({ shard, version }) => ({ message, cluster: event.cluster, shard, version }));
}

/** Reads each shard once, however many messages name it. */
async function publish(parts: ListenerParts, changes: readonly Change[], signal: AbortSignal): Promise<void> {
  const { source, publisher, incidents } = parts;
  const byCluster = Map.groupBy(changes, ({ cluster }) => cluster);
  await Promise.all(
    [...byCluster].map(async ([cluster, ofCluster]) => {
      const byShard = Map.groupBy(ofCluster, ({ shard }) => shard);
      try {
        const readings = await source.read(cluster, [...byShard.keys()]);
        incidents.end(cluster);
        for (const [shard, ofShard] of byShard) {
          if (signal.aborted) return;
          const sentAt = Math.min(...ofShard.map(({ message }) => message.sentAt));
          await publisher.publish(cluster, shard, readings.get(shard), { cause: 'event', sentAt });
        }
      } catch (error) {
        incidents.begin(cluster, `the files stay as they are: ${withAdvice(error)}`, { cluster });
      }
    }),
  );
}

/**
 * Whether a version was announced so long ago that it is not to come: the parameter was made anew since. A shard that
 * could not be read or written does not count, however old the message is.
 */
async function isGone({ publisher, clock, log, patience }: ListenerParts, change: Change): Promise<boolean> {
  const published = publisher.published(change.cluster, change.shard);
  const gone = published !== undefined && published.at > change.message.sentAt + patience;
  if (gone) {
    log('warn', 'dropped an event: the version it names did not come; was the parameter deleted and made again?', {
      cluster: change.cluster,
      shard: change.shard,
      version: change.version,
      published: published.version,
      ageMs: clock.now() - change.message.sentAt,
    });
  }
  return gone;
}

function noticeRestartedVersions({ publisher, onRestartedVersions }: ListenerParts, changes: readonly Change[]): void {
  const restarted = changes.some(({ cluster, shard, version, message }) => {
    const published = publisher.published(cluster, shard);
    return published !== undefined && version < published.version && message.sentAt > published.at + OVERTAKEN;
  });
  if (restarted) onRestartedVersions();
}
