/** Statements about tasks and shards of them, as examples and as fast-check arbitraries. */

import type { Deselect, Stop, TaskChange, Upsert } from '../../functions/discovery/change/change.ts';
import type { Removal, Shard } from '../../functions/discovery/shard/shard.ts';
import { LABELS } from '../../functions/discovery/target/labels.ts';
import type { TimedTargets } from '../../functions/discovery/target/target-groups.ts';
import type { Target, TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import fc from '../fast-check.ts';
import { idOf } from './tasks.ts';

/** When the statements of these factories were observed, in seconds since 1970: just before `virtualClock` starts. */
export const OBSERVED = Date.parse('2026-11-25T04:00:00Z') / 1000;

export const targets = (number: number, changes: Partial<TaskTargets> = {}): TaskTargets => ({
  taskId: idOf(number),
  version: 1,
  address: `10.0.${number >> 8}.${number & 255}`,
  labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
  targets: [{ port: 3000, labels: { __metrics_path__: '/metrics' } }],
  ...changes,
});

/** A task's targets as a statement about it. */
export const upsertOf = (of: TaskTargets, observed = OBSERVED): Upsert => ({
  kind: 'upsert',
  taskId: of.taskId,
  version: of.version,
  observed,
  targets: of,
});

export const upsert = (number: number, changes: Partial<TaskTargets> = {}, observed = OBSERVED): Upsert =>
  upsertOf(targets(number, changes), observed);

export const stop = (number: number, changes: Partial<Stop> = {}): Stop => ({
  kind: 'stop',
  taskId: idOf(number),
  version: 5,
  observed: OBSERVED,
  ...changes,
});

export const deselect = (number: number, changes: Partial<Deselect> = {}): Deselect => ({
  kind: 'deselect',
  taskId: idOf(number),
  version: 5,
  observed: OBSERVED,
  ...changes,
});

/** What a shard remembers of a task that stopped. */
export const stopped = (observed = OBSERVED, version = 5): Removal => ({ kind: 'stop', version, observed });
/** What a shard remembers of a task that nothing selects any more. */
export const deselected = (observed = OBSERVED, version = 5): Removal => ({ kind: 'deselect', version, observed });

/** @param removed what is remembered, by task id */
export const shardOf = (
  tasks: readonly TaskTargets[],
  removed: Readonly<Record<string, Removal>> = {},
  observed = OBSERVED,
): Shard => ({
  tasks: new Map(tasks.map((task) => [task.taskId, { targets: task, observed }])),
  removed: new Map(Object.entries(removed) as [TaskId, Removal][]),
});

/** Text that does not get shorter by compression. */
export function noise(seed: number, length: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}

/** What a shard says, without the order in which it came to say it. */
export const contentOf = ({ tasks, removed }: Shard): unknown => ({
  tasks: [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)),
  removed: [...removed].sort(([a], [b]) => (a < b ? -1 : 1)),
});

/** Few ids, versions and moments, so that statements meet each other. */
const someNumber = fc.integer({ min: 1, max: 4 });
const someVersion = fc.integer({ min: 1, max: 3 });
const someMoment = fc.integer({ min: OBSERVED, max: OBSERVED + 3 });
const someStamp = fc.record({ number: someNumber, version: someVersion, observed: someMoment });

/** Statements about a few tasks. One look at a task has one result: equal version and time are equal targets. */
export const someChange: fc.Arbitrary<TaskChange> = fc.oneof(
  someStamp.map(({ number, version, observed }) =>
    upsert(number, { version, address: `10.${version}.${observed - OBSERVED}.${number}` }, observed),
  ),
  someStamp.map(({ number, ...stamp }) => stop(number, stamp)),
  someStamp.map(({ number, ...stamp }) => deselect(number, stamp)),
);

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('{{', '{{{', '{{ssm:secret}}', '\\{{', '"{{"', '/{{path}}', 'br:'),
);

const labels = (names: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc.dictionary(fc.constantFrom(...names), text, { maxKeys: names.length, noNullPrototype: true });

const someTarget: fc.Arbitrary<Target> = fc.record({
  port: fc.integer({ min: 1, max: 65535 }),
  labels: labels([LABELS.metricsPath, LABELS.scheme, LABELS.container, LABELS.job, '__param_format', 'team']),
});

export const anyTaskId: fc.Arbitrary<TaskId> = fc.stringMatching(/^[0-9a-f]{32}$/).map((id) => id as TaskId);

/** Any targets at all, with whatever a docker label may hold in their labels. */
export const anyTargets: fc.Arbitrary<TaskTargets> = fc.record({
  taskId: anyTaskId,
  version: fc.nat(),
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  labels: labels([LABELS.cluster, LABELS.service, LABELS.taskDefinition, LABELS.namespace]),
  targets: fc.array(someTarget, { minLength: 1, maxLength: 3 }),
});

/** Observations of one hour, which a shard document tells apart. */
const withinTheHour = fc.integer({ min: OBSERVED, max: OBSERVED + 3599 });
const timed: fc.Arbitrary<TimedTargets> = fc.record({ targets: anyTargets, observed: withinTheHour });
const removal: fc.Arbitrary<Removal> = fc.record({
  kind: fc.constantFrom('stop' as const, 'deselect' as const),
  version: fc.nat(),
  observed: withinTheHour,
});

export const anyShard: fc.Arbitrary<Shard> = fc
  .record({
    tasks: fc.uniqueArray(timed, { selector: (it) => it.targets.taskId, maxLength: 12 }),
    removed: fc.uniqueArray(fc.tuple(anyTaskId, removal), { selector: ([id]) => id, maxLength: 4 }),
  })
  .map(({ tasks, removed }) => ({
    tasks: new Map(tasks.map((it) => [it.targets.taskId, it])),
    removed: new Map(removed),
  }));
