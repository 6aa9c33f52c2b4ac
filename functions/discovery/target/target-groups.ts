/**
 * Tasks with equal labels in one group, so that the labels are written once. Shards and announcements hold their tasks
 * in this form.
 */
import * as z from 'zod/mini';
import type { TaskId } from '../task/task.ts';
import { taskIdShape } from '../task/task-id.ts';
import { addressShape, portShape } from '../task/task-network.ts';
import { isLabelAllowed, type Labels } from './labels.ts';
import type { TaskTargets } from './task-targets.ts';

/** A task's targets and when they were observed, in whole seconds since 1970 (0: long ago). */
export interface TimedTargets {
  readonly targets: TaskTargets;
  readonly observed: number;
}

/** One check for all of them: an error must not name a label, which is content. */
const labels = z.custom<Record<string, string>>(
  (them) =>
    typeof them === 'object' &&
    them !== null &&
    !Array.isArray(them) &&
    Object.entries(them).every(([name, value]) => isLabelAllowed(name) && typeof value === 'string'),
);

/** The shape of a list of groups; parsing it checks addresses, ports and label names. */
export const groupsShape = z.array(
  z.object({
    labels,
    /** The labels of each target of a task. */
    targets: z.array(labels).check(z.minLength(1)),
    /** Task id, task version, when it was observed, address, then a port for each of the group's targets. */
    tasks: z.array(
      z.tuple([taskIdShape, z.int().check(z.minimum(0)), z.int().check(z.minimum(0)), addressShape], portShape),
    ),
  }),
);

type TargetGroups = z.infer<typeof groupsShape>;

/** A row has more or fewer ports than its group has targets. */
export class UnevenGroup extends Error {
  override readonly name = 'UnevenGroup';
}

/**
 * Groups and tasks are sorted, so that equal input gives equal bytes.
 *
 * @param time how `observed` is written down
 */
export function groupTargets(all: Iterable<TimedTargets>, time: (observed: number) => number): TargetGroups {
  const groups = new Map<string, TargetGroups[number]>();
  const sorted = [...all].sort((a, b) => (a.targets.taskId < b.targets.taskId ? -1 : 1));
  for (const { targets: task, observed } of sorted) {
    const own: Labels[] = task.targets.map((target) => target.labels);
    const key = JSON.stringify([task.labels, own]);
    const group = groups.get(key) ?? { labels: { ...task.labels }, targets: own.map((it) => ({ ...it })), tasks: [] };
    const ports = task.targets.map((target) => target.port);
    group.tasks.push([task.taskId, task.version, time(observed), task.address, ...ports]);
    groups.set(key, group);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/**
 * Reads what {@link groupTargets} wrote.
 *
 * @param time the time that was written down, as seconds since 1970
 * @throws UnevenGroup
 */
export function ungroupTargets(groups: TargetGroups, time: (written: number) => number): TimedTargets[] {
  return groups.flatMap((group) =>
    group.tasks.map(([id, version, written, address, ...ports]) => {
      if (ports.length !== group.targets.length) {
        throw new UnevenGroup(`task ${id} has ${ports.length} ports for ${group.targets.length} targets`);
      }
      const targets = group.targets.map((own, index) => ({ port: ports[index] as number, labels: own }));
      return {
        targets: { taskId: id as TaskId, version, address, labels: group.labels, targets },
        observed: time(written),
      };
    }),
  );
}
