/** Runs a case of test/fixtures/cases through the shipped code, from the events to the targets of each task. */
import { readdirSync, readFileSync } from 'node:fs';
import { createCloudMap } from '../../functions/aws/cloud-map.ts';
import { createEc2 } from '../../functions/aws/ec2.ts';
import { createEcs, type Ecs, type TaskAnswer } from '../../functions/aws/ecs.ts';
import { createParameterReader } from '../../functions/aws/parameters.ts';
import { type TargetGroup, targetGroups } from '../../functions/discovery/target/file-sd.ts';
import { isRunning, isStopped, newer, type Task } from '../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../functions/discovery/task/task-event.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import { createRegistryLookup } from '../../functions/look-up/cloud-map-services.ts';
import { createScrapingLookup, type Scraping, type ScrapingLookup } from '../../functions/look-up/scraping.ts';
import { virtualClock } from '../factories/clock.ts';
import { type RecordedAnswers, recordedClient } from './recorded-answers.ts';

/** A file of test/fixtures/cases. */
export interface Case {
  readonly kind: 'events' | 'settings' | 'environment';
  readonly source: string;
  /** What the person of that report needs, in words. */
  readonly expected: string;
  readonly settings?: Partial<DiscoverySettings>;
  /** Events one after the other, or batches of queue messages. */
  readonly events?: readonly object[];
  readonly batches?: readonly (readonly (object | { readonly event: object })[])[];
  readonly aws?: RecordedAnswers;
  readonly cloudMap?: { readonly namespaces: readonly string[]; readonly parameter: string };
  readonly input?: Readonly<Record<string, unknown>>;
}

/** What follows from one event. */
export type Outcome =
  /** The task has stopped or is about to: no look-up is needed, and its targets are removed. */
  | { readonly kind: 'stopped'; readonly task: Task }
  /** The task does not run yet. */
  | { readonly kind: 'starting'; readonly task: Task }
  /** AWS did not answer all of it: what is published stays, and the event is tried again. */
  | { readonly kind: 'held'; readonly message: string }
  | { readonly kind: 'observed'; readonly scraping: Scraping; readonly groups: readonly TargetGroup[] };

const FOLDER = new URL('../fixtures/cases/', import.meta.url);
const NAMESPACES_PARAMETER = 'ECS-ServiceDiscovery-Namespaces';

export const readCase = (name: string): Case =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Case;

/** Names of the cases of these kinds. */
export const casesOf = (...kinds: readonly Case['kind'][]): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .filter((name) => kinds.includes(readCase(name).kind));

/**
 * One outcome an event, in order.
 *
 * @param changes settings beside those of the file
 */
export async function runCase(one: Case, changes: Partial<DiscoverySettings> = {}): Promise<Outcome[]> {
  const { ecs, scraping } = lookUps(one, changes);
  const batches = one.batches ?? [one.events ?? []];
  const outcomes: Outcome[] = [];
  for (const batch of batches) {
    const tasks = batch.map((item) => parseTaskEvent(JSON.stringify('event' in item ? item.event : item)).task);
    outcomes.push(...(await observe(ecs, scraping, tasks)));
  }
  return outcomes;
}

/** The tasks of a batch are looked up together; those that have stopped need no look-up. */
async function observe(ecs: Ecs, scraping: ScrapingLookup, tasks: readonly Task[]): Promise<Outcome[]> {
  const running = tasks.filter((task) => !isStopped(task));
  const [{ cluster = '' } = {}] = running;
  const answers = await ecs.describeTasks(
    cluster,
    running.map(({ id }) => id),
  );
  return Promise.all(
    tasks.map(async (task): Promise<Outcome> => {
      if (isStopped(task)) return { kind: 'stopped', task };
      const answer = answers.get(task.id);
      if (answer?.kind !== 'task') return { kind: 'held', message: problemOf(answer) };
      const seen = newer(task, answer.task);
      if (isStopped(seen)) return { kind: 'stopped', task: seen };
      return isRunning(seen) ? scrape(scraping, seen) : { kind: 'starting', task: seen };
    }),
  );
}

const problemOf = (answer: TaskAnswer | undefined): string =>
  answer?.kind === 'unknown' ? answer.error.message : 'ECS does not know the task';

async function scrape(lookup: ScrapingLookup, task: Task): Promise<Outcome> {
  try {
    const scraping = await lookup.ofTask(task);
    const gap = scraping.rejections.find(({ incomplete }) => incomplete);
    if (!scraping.targets && gap) return { kind: 'held', message: gap.message };
    return { kind: 'observed', scraping, groups: targetGroups(scraping.targets ? [scraping.targets] : []) };
  } catch (error) {
    return { kind: 'held', message: error instanceof Error ? error.message : String(error) };
  }
}

function lookUps(one: Case, changes: Partial<DiscoverySettings>): { ecs: Ecs; scraping: ScrapingLookup } {
  const client = recordedClient({ ...one.aws, ...cloudMapAnswers(one) });
  const settings: DiscoverySettings = {
    deployment: 'discovery',
    clusters: ['orchard'],
    shards: 1,
    shardTier: 'Standard',
    namespacesParameter: one.cloudMap && NAMESPACES_PARAMETER,
    scrapeRules: [],
    resyncRemovalLimitPercent: 50,
    ...one.settings,
    ...changes,
  };
  const clock = virtualClock();
  const report = { info: () => {}, warn: () => {}, count: () => {} };
  const parameters = createParameterReader(client);
  const cloudMap = createCloudMap(async () => client);
  const ecs = createEcs(client);
  const registries = createRegistryLookup({ parameters, cloudMap, ecs, clock, report }, settings);
  const ec2 = createEc2(async () => client);
  return { ecs, scraping: createScrapingLookup({ ecs, ec2, registries, clock }, settings) };
}

function cloudMapAnswers({ cloudMap }: Case): RecordedAnswers {
  if (!cloudMap) return {};
  return {
    GetParameters: { Parameters: [{ Name: NAMESPACES_PARAMETER, Value: cloudMap.parameter, Version: 1 }] },
    ListNamespaces: { Namespaces: cloudMap.namespaces.map((Name) => ({ Name, Id: `ns-${Name}` })) },
  };
}
