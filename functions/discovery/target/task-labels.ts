/** The labels that all targets of a task share: those of the reference system, and what the settings ask for besides. */
import * as z from 'zod/mini';
import { carriedLabels } from '../selection/carried-labels.ts';
import type { Task } from '../task/task.ts';
import type { TaskDefinition } from '../task/task-definition.ts';
import { EXTRA_LABELS, type ExtraLabel, LABELS, type Labels } from './labels.ts';
import { storedMetaLabels } from './meta-labels.ts';

export const labelSettingsShape = z.strictObject({
  extra: z.optional(z.array(z.enum(EXTRA_LABELS))),
  /** Keys of tags of the task, its service or its cluster that become labels; `*` stands for any characters. */
  tags: z.optional(z.array(z.string())),
  /** Whether targets carry `__meta_ecs_…` as Prometheus' own ECS discovery and the ECS observer do. */
  meta: z.optional(z.boolean()),
});

/** Labels besides those that every target has. */
export type LabelSettings = z.infer<typeof labelSettingsShape>;

/** Whether labels are made from tags, which AWS gives only to those who ask for them. */
export const wantsTags = ({ tags = [], meta = false }: LabelSettings = {}): boolean => tags.length > 0 || meta;

/** Tags of what a task belongs to. */
export interface OuterTags {
  readonly service?: Labels;
  readonly cluster?: Labels;
}

/** What the labels of a task are made from, beside the task. */
export interface TaskContext {
  readonly namespace?: string | undefined;
  readonly tags?: OuterTags | undefined;
  readonly labels?: LabelSettings | undefined;
  /** Its cluster is in another account or Region, where one of the same name may be. */
  readonly isElsewhere?: boolean | undefined;
  readonly definition?: TaskDefinition | undefined;
}

/** Keys in a fixed order, so that equal labels are equal bytes. */
export function taskLabels(task: Task, context: TaskContext): Labels {
  const { namespace, tags: outer = {}, labels = {}, isElsewhere = false, definition } = context;
  const { extra = [], tags = [], meta = false } = labels;
  return {
    [LABELS.cluster]: task.cluster,
    ...(task.service !== undefined && { [LABELS.service]: task.service }),
    [LABELS.taskDefinition]: task.family,
    ...(namespace !== undefined && { [LABELS.namespace]: namespace }),
    ...extraLabels(task, isElsewhere ? [...extra, 'account', 'region'] : extra),
    // A tag of the task is nearer than one of its service, and that nearer than one of the cluster.
    ...carriedLabels({ ...outer.cluster, ...outer.service, ...task.tags }, tags),
    ...(meta && storedMetaLabels(task, definition?.networkMode, outer)),
  };
}

function extraLabels(task: Task, wanted: readonly ExtraLabel[]): Labels {
  const values: Readonly<Record<ExtraLabel, string | undefined>> = {
    availability_zone: task.availabilityZone,
    launch_type: task.launchType,
    revision: task.taskDefinitionArn.split(':').at(-1),
    started_by: task.startedBy,
    account: task.account,
    region: task.region,
  };
  const known = EXTRA_LABELS.filter((name) => wanted.includes(name) && values[name]);
  return Object.fromEntries(known.map((name) => [name, values[name] ?? '']));
}
