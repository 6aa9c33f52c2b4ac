import { afterAll, describe, expect, it } from '@jest/globals';
import { type Context, removeSynthesised, synthesise } from './synth.ts';

/** A schedule with another id is another schedule, and EventBridge Scheduler runs a new one at once. */
const scheduleId = (settings: Context): string | undefined => {
  const template = synthesise({ clusters: 'prod', ...settings }).stacks['ecs-prometheus-discovery'];
  return Object.keys(template?.findResources('AWS::Scheduler::Schedule') ?? {})[0];
};

describe('the schedule of resync', () => {
  afterAll(removeSynthesised);

  it.each<[string, Context]>([
    ['another cluster is watched, whose tasks run already', { clusters: 'prod,staging' }],
    ['the targets are spread over another number of shards', { shards: 2 }],
    ['another rule selects tasks', { scrapeRules: '[{"service":"billing","port":9090}]' }],
    ['namespaces are searched', { namespaces: 'ecs-services' }],
  ])('is a new one, which runs at once, when %s', (_, settings) => {
    expect(scheduleId(settings)).toBeDefined();
    expect(scheduleId(settings)).not.toBe(scheduleId({}));
  });

  it('stays the same when nothing changes which targets there are', () => {
    const settings = { collectors: 2, logRetentionDays: 7, alarms: false, resyncSchedule: 'rate(1 hour)' };
    expect(scheduleId(settings)).toBe(scheduleId({}));
  });
});
