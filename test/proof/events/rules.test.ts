/** The deployed rules on events: each goes to the queue that the code expects it in, and to no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isRunning, isStopped, parseTask } from '../../../functions/discovery/task/task.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { clusterArn, eventBody, taskDetail } from '../../factories/tasks.ts';
import { removeSynthesised } from '../../infra/synth.ts';
import { deploy } from '../deployed/deployment.ts';
import { arn } from '../iam/asks.ts';
import { matches } from './event-pattern.ts';

const DEPLOYMENTS = {
  'a cluster of its own': { cluster: 'discovery', rules: deploy({}).rules },
  'existing clusters': { cluster: 'staging', rules: deploy({ clusters: 'prod,staging' }).rules },
};
const FIXTURES = join(PROJECT_ROOT, 'test/fixtures');

afterAll(removeSynthesised);

// biome-ignore lint/suspicious/noExplicitAny: events are JSON of any form
type Event = any;

const parsed = (path: string): Event => JSON.parse(readFileSync(join(FIXTURES, path), 'utf8'));

/** All events of the fixtures by their file, those of the cases too. */
function fixtureEvents(): [string, Event][] {
  const single = ['events/made', 'events/real'].flatMap((folder) =>
    readdirSync(join(FIXTURES, folder)).map((file): [string, Event] => [file, parsed(join(folder, file))]),
  );
  const ofCases = readdirSync(join(FIXTURES, 'cases'))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) =>
      (parsed(join('cases', file)).batches ?? []).flat().map((it: Event): [string, Event] => [file, it]),
    );
  return [...single, ...ofCases].filter(([, event]) => event['detail-type'] === 'ECS Task State Change');
}

describe.each(Object.entries(DEPLOYMENTS))('the rules of %s', (_, { cluster, rules }) => {
  const clusterArn = arn('ecs', `cluster/${cluster}`);
  const here = (event: Event): Event => ({
    ...event,
    detail: {
      ...event.detail,
      clusterArn,
      taskArn: arn('ecs', `task/${cluster}/${event.detail.taskArn.split('/').at(-1)}`),
    },
  });

  /** `Stops`, `Runs` */
  const queuesOf = (event: Event): string[] =>
    rules
      .filter(({ properties }) => matches(properties.EventPattern, event))
      .flatMap(({ properties }) => properties.Targets.map(({ Arn }: { Arn: string }) => Arn))
      .map((queue: string) => /Queues(Stops|Runs)/.exec(queue)?.[1] ?? queue);

  /** By the code that handles the events. */
  const expected = (event: Event): string[] => {
    const task = parseTask(event.detail);
    if (isStopped(task)) return ['Stops'];
    return isRunning(task) ? ['Runs'] : [];
  };

  it('take each event of the fixtures', () => {
    const events = fixtureEvents();
    expect(events.length).toBeGreaterThan(10);
    const queues = events.map(([file, event]) => [file, queuesOf(here(event))]);
    expect(queues).toEqual(events.map(([file, event]) => [file, expected(here(event))]));
    expect(queues).toEqual(expect.arrayContaining([['fargate-running.json', ['Runs']]]));
    expect(queues).toEqual(expect.arrayContaining([['fargate-stopped.json', ['Stops']]]));
  });

  it.each([
    'PROVISIONING',
    'PENDING',
    'ACTIVATING',
    'RUNNING',
    'DEACTIVATING',
    'STOPPING',
    'DEPROVISIONING',
    'STOPPED',
  ])('take every state of a task as the code does: %s', (lastStatus) => {
    for (const desiredStatus of ['RUNNING', 'STOPPED']) {
      const event = here(JSON.parse(eventBody(taskDetail({ lastStatus, desiredStatus }))));
      expect(queuesOf(event)).toEqual(expected(event));
    }
  });

  it('take nothing of another cluster, service or kind', () => {
    const event = here(JSON.parse(eventBody(taskDetail())));
    expect(queuesOf(event)).toEqual(['Runs']);
    const other = (change: object) => queuesOf({ ...event, ...change });
    expect(other({ source: 'team.ecs' })).toEqual([]);
    expect(other({ 'detail-type': 'ECS Service Action' })).toEqual([]);
    for (const name of [`${cluster}-2`, `a-${cluster}`, cluster.toUpperCase()]) {
      expect(other({ detail: { ...event.detail, clusterArn: arn('ecs', `cluster/${name}`) } })).toEqual([]);
    }
  });
});

describe('the rules for a cluster elsewhere', () => {
  const NORTH = 'prod.eu-north-1.444455556666';
  const { rules } = deploy({ clusters: `prod,${clusterArn(NORTH)}` });
  const source = deploy({
    clusters: 'prod',
    forwardTo: 'arn:aws:events:eu-north-1:444455556666:event-bus/discovery',
  });
  const takers = (all: typeof rules, event: Event): string[] =>
    all.filter(({ properties }) => matches(properties.EventPattern, event)).map(({ id }) => id);
  const onBus = rules.filter(({ properties }) => properties.EventBusName !== undefined);
  const onDefaultBus = rules.filter(({ properties }) => properties.EventBusName === undefined);
  const eventOf = (cluster: string, state: object = {}): Event =>
    JSON.parse(eventBody(taskDetail({ cluster, ...state })));

  it('take from the bus what comes from its account and is about it', () => {
    expect(onBus.map(({ properties }) => properties.EventBusName)).toEqual(['discovery', 'discovery']);
    expect(takers(onBus, eventOf(NORTH))).toEqual([expect.stringContaining('RunsElsewhere')]);
    expect(takers(onBus, eventOf(NORTH, { desiredStatus: 'STOPPED' }))).toEqual([
      expect.stringContaining('StopsElsewhere'),
    ]);
    expect(takers(onDefaultBus, eventOf(NORTH))).toEqual([]);
  });

  it('take nothing from the bus about a cluster here, nor what another account says of theirs', () => {
    expect(takers(onBus, eventOf('prod'))).toEqual([]);
    expect(takers(onBus, { ...eventOf(NORTH), account: '777788889999' })).toEqual([]);
    expect(takers(onBus, { ...eventOf('prod'), account: '444455556666' })).toEqual([]);
  });

  it.each(['PENDING', 'RUNNING', 'DEPROVISIONING', 'STOPPED'])(
    'forward at the source what the others take, and no more: %s',
    (lastStatus) => {
      for (const desiredStatus of ['RUNNING', 'STOPPED']) {
        const isWanted = takers(onBus, eventOf(NORTH, { lastStatus, desiredStatus })).length > 0;
        expect(takers(source.rules, eventOf('prod', { lastStatus, desiredStatus }))).toHaveLength(isWanted ? 1 : 0);
        expect(takers(source.rules, eventOf('other', { lastStatus, desiredStatus }))).toEqual([]);
      }
    },
  );
});
