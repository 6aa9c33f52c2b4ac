/** Shards, as examples and as fast-check arbitraries. */
import fc from 'fast-check';
import type { Shard, ShardChange } from '../../functions/discovery/shard/shard.ts';
import { LABELS } from '../../functions/discovery/target/labels.ts';
import type { Target, TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { idOf } from './tasks.ts';

export const targets = (number: number, changes: Partial<TaskTargets> = {}): TaskTargets => ({
  taskId: idOf(number),
  version: 1,
  address: `10.0.0.${number}`,
  labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
  targets: [{ port: 3000, labels: { __metrics_path__: '/metrics' } }],
  ...changes,
});

export const shardOf = (tasks: readonly TaskTargets[], stopped: Readonly<Record<string, number>> = {}): Shard => ({
  tasks: new Map(tasks.map((task) => [task.taskId, task])),
  stopped: new Map(Object.entries(stopped) as [TaskId, number][]),
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
export const contentOf = ({ tasks, stopped }: Shard): unknown => ({
  tasks: [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)),
  stopped: [...stopped].sort(([a], [b]) => (a < b ? -1 : 1)),
});

/** Few ids and versions, so that histories meet each other. */
export const someTaskId = fc.integer({ min: 1, max: 6 }).map(idOf);

/** Targets that follow from the task and its version, as those of a real task do. */
const observedTargets: fc.Arbitrary<TaskTargets> = fc
  .record({ number: fc.integer({ min: 1, max: 6 }), version: fc.integer({ min: 1, max: 4 }) })
  .map(({ number, version }) => targets(number, { version, address: `10.0.${version}.${number}` }));

/** Shards that writers of one cluster can have written: a stopped task is not among the running ones. */
export const observedShard: fc.Arbitrary<Shard> = fc
  .record({
    tasks: fc.array(observedTargets, { maxLength: 5 }),
    stopped: fc.dictionary(someTaskId, fc.integer({ min: 100, max: 200 }), { maxKeys: 3, noNullPrototype: true }),
  })
  .map(({ tasks, stopped }) =>
    shardOf(
      tasks.filter(({ taskId }) => !(taskId in stopped)),
      stopped,
    ),
  );

export const observedChange: fc.Arbitrary<ShardChange> = fc.oneof(
  observedTargets.map((it): ShardChange => ({ kind: 'upsert', targets: it })),
  someTaskId.map((taskId): ShardChange => ({ kind: 'stop', taskId })),
  someTaskId.map((taskId): ShardChange => ({ kind: 'deselect', taskId })),
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
  labels: labels([LABELS.metricsPath, LABELS.scheme, LABELS.container, LABELS.job]),
});

/** Any shard at all, with whatever a docker label may hold in its labels. */
export const anyShard: fc.Arbitrary<Shard> = fc
  .record({
    tasks: fc.uniqueArray(
      fc.record({
        taskId: fc.stringMatching(/^[0-9a-f]{32}$/).map((id) => id as TaskId),
        version: fc.nat(),
        address: fc.oneof(fc.ipV4(), fc.ipV6()),
        labels: labels([LABELS.cluster, LABELS.service, LABELS.taskDefinition, LABELS.namespace]),
        targets: fc.array(someTarget, { minLength: 1, maxLength: 3 }),
      }),
      { selector: ({ taskId }) => taskId, maxLength: 12 },
    ),
    stopped: fc.dictionary(fc.stringMatching(/^[0-9a-f]{32}$/), fc.nat(), { maxKeys: 4, noNullPrototype: true }),
  })
  .map(({ tasks, stopped }) => shardOf(tasks, stopped));
