/** Runs a case of test/fixtures/cases through the shipped stage that observes tasks: only AWS and the queue are not real. */
import { readdirSync, readFileSync } from 'node:fs';
import type { QueuedMessage } from '../../functions/aws/sqs.ts';
import type { TaskChange } from '../../functions/discovery/change/change.ts';
import { type TargetGroup, targetGroups } from '../../functions/discovery/target/file-sd.ts';
import { placeOfArn } from '../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../functions/discovery/task/task-event.ts';
import { lookUps } from '../../functions/lambda/dependencies.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import type { Scraping } from '../../functions/look-up/scraping.ts';
import { createAnnounced } from '../../functions/observe/announced.ts';
import { observeBatch } from '../../functions/observe/observe-batch.ts';
import { watched } from '../../infra/cli/account/requests.ts';
import { type RecordedAnswers, recordedClient } from '../../infra/cli/recording/recorded-answers.ts';
import { virtualClock } from '../factories/clock.ts';

/** A file of test/fixtures/cases. */
export interface Case {
  readonly kind: 'events' | 'settings' | 'environment';
  readonly source: string;
  /** What the person of that report needs, in words. */
  readonly expected: string;
  readonly settings?: Partial<DiscoverySettings>;
  /** Events of one batch, or several batches of queue messages. */
  readonly events?: readonly object[];
  readonly batches?: readonly (readonly RecordedMessage[])[];
  /** Milliseconds between two batches. */
  readonly gapMs?: number;
  readonly aws?: RecordedAnswers;
  readonly cloudMap?: { readonly namespaces: readonly string[]; readonly parameter: string };
  readonly input?: Readonly<Record<string, unknown>>;
}

/** An event, or one with the number of times that SQS has handed it out. */
type RecordedMessage = object | { readonly event: object; readonly receiveCount?: number };

/** What follows from one event. */
export type Outcome =
  /** These targets are announced. */
  | { readonly kind: 'targets'; readonly scraping: Scraping; readonly groups: readonly TargetGroup[] }
  /** It is announced that the task has stopped. */
  | { readonly kind: 'stop' }
  /** Nothing is announced, and the event is done. */
  | { readonly kind: 'nothing'; readonly scraping?: Scraping }
  /** Nothing follows: what is published stays, and the event is tried again. */
  | { readonly kind: 'held'; readonly message: string };

export interface CaseRun {
  /** One for each event, in order. */
  readonly outcomes: readonly Outcome[];
  /** Operations of AWS that were asked for, in order. */
  readonly asked: readonly string[];
}

const FOLDER = new URL('../fixtures/cases/', import.meta.url);
const NAMESPACES_PARAMETER = 'ECS-ServiceDiscovery-Namespaces';

export const readCase = (name: string): Case =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Case;

/** Names of the cases of a kind. */
export const casesOf = (kind: Case['kind']): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .filter((name) => readCase(name).kind === kind);

/** @param changes settings beside those of the file */
export async function runCase(one: Case, changes: Partial<DiscoverySettings> = {}): Promise<CaseRun> {
  const asked: string[] = [];
  const client = watched(recordedClient({ ...one.aws, ...cloudMapAnswers(one) }), 'aws', ({ operation }) =>
    asked.push(operation),
  );
  const settings: DiscoverySettings = {
    deployment: 'discovery',
    clusters: ['orchard'],
    here: hereOf(one),
    shards: 1,
    shardTier: 'Standard',
    namespacesParameter: one.cloudMap && NAMESPACES_PARAMETER,
    scrapeRules: [],
    resyncRemovalLimitPercent: 50,
    ...one.settings,
    ...changes,
  };
  const clock = virtualClock();
  const retried = new Map<string, string>();
  const report = {
    info: () => {},
    warn: (_: string, { messageId, error }: Readonly<Record<string, unknown>>) => {
      if (typeof messageId === 'string' && error !== undefined) retried.set(messageId, String(error));
    },
    count: () => {},
  };
  const lazy = async () => client;
  const clients = {
    ...{ ecs: client, ec2: lazy, ssm: client, serviceDiscovery: lazy, sns: client, sts: lazy },
    inRegion: () => ({ ecs: client, ec2: lazy }),
  };
  // No answer takes time here, so that no budget is ever used up.
  const timeless = { ...clock, sleep: () => new Promise<void>(() => {}) };
  const parts = lookUps({ clients, settings, report, clock: timeless });
  const seen = new Map<string, Scraping>();
  const scraping: typeof parts.scraping = {
    ...parts.scraping,
    async ofTask(task, since) {
      const found = await parts.scraping.ofTask(task, since);
      seen.set(task.id, found);
      return found;
    },
  };
  let changesOfBatch: TaskChange[] = [];
  const deps = {
    ...parts,
    scraping,
    announcer: {
      async announce(announcements: readonly { readonly changes: readonly TaskChange[] }[]) {
        changesOfBatch.push(...announcements.flatMap((it) => it.changes));
        return [];
      },
    },
    queue: { receive: async () => [], delete: async () => {}, retryAfter: async () => {}, putAside: async () => {} },
  };

  const outcomes: Outcome[] = [];
  for (const [number, batch] of (one.batches ?? [one.events ?? []]).entries()) {
    changesOfBatch = [];
    const messages = batch.map((item, index) => messageOf(item, `${number}-${index}`, clock.now()));
    // Each batch meets a function that has announced nothing: a warm one would not look at a repetition.
    const kept = new Set(
      (await observeBatch({ ...deps, announced: createAnnounced() }, messages)).map(
        ({ itemIdentifier }) => itemIdentifier,
      ),
    );
    for (const { messageId, body } of messages) {
      const { id } = parseTaskEvent(body).task;
      if (kept.has(messageId)) outcomes.push({ kind: 'held', message: retried.get(messageId) ?? '' });
      else
        outcomes.push(
          outcomeOf(
            changesOfBatch.find(({ taskId }) => taskId === id),
            seen.get(id),
          ),
        );
    }
    clock.advance(one.gapMs ?? 0);
  }
  return { outcomes, asked };
}

/** The deployment is where the first of its tasks is. */
function hereOf({ events = [], batches = [] }: Case): string {
  const [first] = [...events, ...batches.flat()];
  const { task } = parseTaskEvent(JSON.stringify(first && 'event' in first ? first.event : first));
  return placeOfArn(task.arn);
}

function outcomeOf(change: TaskChange | undefined, scraping: Scraping | undefined): Outcome {
  if (change?.kind === 'stop') return { kind: 'stop' };
  if (change?.kind === 'upsert' && scraping)
    return { kind: 'targets', scraping, groups: targetGroups([change.targets]) };
  return { kind: 'nothing', ...(scraping && { scraping }) };
}

function messageOf(item: RecordedMessage, messageId: string, now: number): QueuedMessage {
  const { event, receiveCount = 1 } = 'event' in item ? item : { event: item };
  const body = JSON.stringify(event);
  return { messageId, receiptHandle: messageId, body, receiveCount, sentAt: now, firstReceivedAt: now };
}

function cloudMapAnswers({ cloudMap }: Case): RecordedAnswers {
  if (!cloudMap) return {};
  return {
    GetParameters: { Parameters: [{ Name: NAMESPACES_PARAMETER, Value: cloudMap.parameter, Version: 1 }] },
    ListNamespaces: { Namespaces: cloudMap.namespaces.map((Name) => ({ Name, Id: `ns-${Name}` })) },
  };
}
