import { LONG_POLL_SECONDS, type MessageQueue, type QueuedMessage } from '../../../functions/aws/sqs.ts';
import {
  type Announcement,
  decodeAnnouncement,
  MalformedAnnouncement,
} from '../../../functions/discovery/change/announcement.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { backoff, type Clock } from '../../../functions/discovery/clock.ts';
import { OBSERVATION_LIFETIME_SECONDS } from '../../../functions/discovery/shard/shard.ts';
import { withAdvice } from '../operator/advice.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { Log } from '../operator/log.ts';
import type { ClusterTargets } from './cluster-targets.ts';
import type { ConfigurationReader } from './configuration-reader.ts';
import { type Effect, hearAnnouncement, NO_EFFECT } from './hear-announcement.ts';
import type { SyncObserver } from './observer.ts';
import type { Publisher } from './publisher.ts';

export interface ListenerParts {
  readonly queue: MessageQueue;
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  readonly publisher: Publisher;
  readonly reader: Pick<ConfigurationReader, 'want'>;
  readonly incidents: Incidents;
  readonly log: Log;
  readonly clock: Clock;
  readonly deployment: string;
  readonly owns: (shard: number) => boolean;
  readonly observer?: SyncObserver;
  /** Called when a batch of messages is settled. */
  readonly afterWork: () => void;
}

const RECEIVE_RETRY = { first: 1000, longest: 30_000 };

/** Batches whose files are being written while the next one is received: a burst is heard at once, and each file written once. */
const BATCHES = 8;

/**
 * Waits for announcements and puts what they say into the files. A message is deleted when the files show it; if a file
 * cannot be written, the message comes again.
 */
export async function listen(parts: ListenerParts, signal: AbortSignal): Promise<void> {
  const { queue, incidents, clock } = parts;
  const inHand = new Set<Promise<void>>();
  for (let failures = 0; !signal.aborted; ) {
    try {
      const messages = await queue.receive({ waitSeconds: LONG_POLL_SECONDS, signal });
      incidents.end('queue');
      failures = 0;
      if (messages.length === 0) continue;
      const work: Promise<void> = handle(parts, messages)
        .catch((error) => incidents.begin('messages', `messages come again: ${withAdvice(error)}`))
        .finally(() => inHand.delete(work));
      inHand.add(work);
      if (inHand.size >= BATCHES) await Promise.race(inHand);
    } catch (error) {
      if (signal.aborted) break;
      incidents.begin('queue', `changes are found by the regular reading only: ${withAdvice(error)}`);
      await clock.sleep(backoff(clock, failures++, RECEIVE_RETRY), signal);
    }
  }
  await Promise.all(inHand);
}

async function handle(parts: ListenerParts, messages: readonly QueuedMessage[]): Promise<void> {
  const { publisher, reader, observer } = parts;
  const effects = messages.map((message) => ({ receiptHandle: message.receiptHandle, ...hear(parts, message) }));
  await Promise.all(
    effects.map(async ({ receiptHandle, cluster, shards, unread, changedAt }) => {
      const results = await Promise.all([...shards].map((shard) => publisher.publish(cluster, shard)));
      if (!results.every(Boolean)) return;
      if (changedAt !== undefined) observer?.shown?.(changedAt);
      if (unread.size === 0) remove(parts, receiptHandle);
      else reader.want(cluster, unread, () => remove(parts, receiptHandle));
    }),
  );
  parts.afterWork();
}

/** Not waited for: a deletion that hangs must hold up no further message. What stays comes again, and changes nothing. */
function remove({ queue, incidents }: ListenerParts, receiptHandle: string): void {
  queue.delete(receiptHandle).then(
    () => incidents.end('messages'),
    (error) => incidents.begin('messages', `messages come again: ${withAdvice(error)}`),
  );
}

function hear(parts: ListenerParts, message: QueuedMessage): Effect {
  const { clusters, publisher, reader, observer } = parts;
  const announcement = announcementIn(parts, message);
  const known = announcement && clusters.get(announcement.cluster);
  if (!known) return NO_EFFECT;
  const { cluster } = announcement;
  const failed = new Set(publisher.failed(cluster));
  const { news, ...effect } = hearAnnouncement(announcement, {
    known,
    failed,
    owns: parts.owns,
    now: parts.clock.now(),
    isBelieved: (change) => isBelieved(change, message),
    heard: (change) => observer?.heard?.(cluster, change),
  });
  // A notice that is lost costs minutes, not a target: the regular reading finds the version.
  if (news.size > 0) reader.want(cluster, news);
  return effect;
}

/**
 * A stop is believed at any age. An old observation of a task that runs is not: its stop may have been heard and forgotten.
 * Both times are from AWS, because the clock of this host may be wrong. A consumer before may have held the message for long.
 */
function isBelieved(change: TaskChange, { receiveCount, firstReceivedAt }: QueuedMessage): boolean {
  if (change.kind === 'stop') return true;
  return receiveCount === 1 && firstReceivedAt / 1000 - change.observed <= OBSERVATION_LIFETIME_SECONDS;
}

function announcementIn({ log, deployment }: ListenerParts, { body }: QueuedMessage): Announcement | undefined {
  try {
    const announcement = decodeAnnouncement(body);
    return announcement.deployment === deployment ? announcement : undefined;
  } catch (error) {
    if (!(error instanceof MalformedAnnouncement)) throw error;
    log('warn', 'dropped a message: check who may send to the queue of this collector', {
      problem: error.message,
      bytes: body.length,
    });
    return undefined;
  }
}
