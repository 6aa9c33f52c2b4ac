/** The deployed rules on events: each goes to the queue that the code expects it in, and to no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isRunning, isStopped, parseTask } from '../../../functions/discovery/task/task.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { eventBody, taskDetail } from '../../factories/tasks.ts';
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
