/** What a resync is asked for and what it answers. */
import * as z from 'zod/mini';

const requestShape = z.strictObject({
  /** Name of one watched cluster; default: all. */
  cluster: z.optional(z.string()),
  /** Name of one ECS service; default: all tasks. */
  service: z.optional(z.string()),
  /** Id of one task; default: all tasks. */
  task: z.optional(z.string()),
  /** Say what would change, and change nothing. */
  dryRun: z.optional(z.boolean()),
  /** Also remove more than the removal limit allows. */
  force: z.optional(z.boolean()),
  /** Where an earlier run ended for want of time; set by the Lambda itself. */
  resumeAt: z.optional(z.strictObject({ cluster: z.string(), shard: z.int() })),
});

export type ResyncRequest = z.infer<typeof requestShape>;

class InvalidResyncRequest extends Error {
  override readonly name = 'InvalidResyncRequest';
}

/**
 * Reads the payload of an invocation; what EventBridge sends on a schedule counts as an empty one.
 *
 * @throws InvalidResyncRequest naming what is wrong, and the watched clusters where one is unknown.
 */
export function parseResyncRequest(payload: unknown, clusters: readonly string[]): ResyncRequest {
  const isScheduled = typeof payload === 'object' && payload !== null && 'detail-type' in payload;
  const parsed = requestShape.safeParse(isScheduled ? {} : (payload ?? {}));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(problemOf);
    throw new InvalidResyncRequest(
      `${problems.join('; ')}. Expected { "cluster"?: string, "service"?: string, "task"?: string, "dryRun"?: boolean, "force"?: boolean }`,
    );
  }
  const { cluster } = parsed.data;
  if (cluster !== undefined && !clusters.includes(cluster)) {
    throw new InvalidResyncRequest(`cluster ${cluster} is not watched; watched are ${clusters.join(', ')}`);
  }
  return parsed.data;
}

/** zod/mini has no words of its own for what it found, and the bundle stays small without them. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown ${issue.keys.join(', ')}`;
  const where = issue.path.join('.') || 'the payload';
  return issue.code === 'invalid_type' ? `${where} must be of type ${issue.expected}` : `${where} is not valid`;
}

export interface ResyncSummary {
  readonly dryRun: boolean;
  readonly clusters: readonly ClusterSummary[];
  /** False when the time did not suffice; another run goes on where this one ended. */
  readonly complete: boolean;
  readonly awsCalls: number;
  readonly durationMilliseconds: number;
}

/** A task that something asks to be scraped, and that is not, or not all of it. */
export interface SkippedTask {
  readonly task: string;
  readonly service?: string;
  readonly reason: string;
  /** What is wrong and what to change. */
  readonly problem: string;
}

/** Labels or tags of the tasks of one family that have no effect. */
export interface IneffectiveWords {
  readonly taskDefinition: string;
  /** Which, and what was probably meant. */
  readonly problem: string;
  /** How many tasks have them. */
  readonly tasks: number;
}

export interface ClusterSummary extends Readonly<Counts> {
  readonly cluster: string;
  /** Scrape targets of the cluster after the run; in a dry run, those that are published now. */
  readonly targets: number;
  /** Why tasks that asked to be scraped are not, each reason with its number. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Those tasks, at most {@link LINES_SHOWN}. */
  readonly skippedTasks: readonly SkippedTask[];
  /** How many more there are. */
  readonly moreSkipped: number;
  /** What is written and has no effect; absent where there is nothing. At most {@link LINES_SHOWN}. */
  readonly warnings?: readonly IneffectiveWords[];
  /**
   * Shards that were written again because their newest version did not count, or none; in a dry run, those that would be.
   * Absent where there are none.
   */
  readonly repairedShards?: readonly number[];
  /** What could not be read or done; those tasks keep what they have. At most {@link LINES_SHOWN}. */
  readonly problems: readonly string[];
  readonly moreProblems: number;
}

/** An answer of Lambda is at most 6 MB, and a person reads it. */
export const LINES_SHOWN = 100;

export interface Counts {
  /** Tasks that were looked at. */
  checked: number;
  added: number;
  updated: number;
  removed: number;
  unchanged: number;
  /** Tasks that run, and that nothing asks to be scraped. */
  ignored: number;
  /** Removals that were held back because they were too many; run again with `force` if they are right. */
  removalsHeld: number;
  registered: number;
  deregistered: number;
}

export const noCounts = (): Counts => ({
  checked: 0,
  added: 0,
  updated: 0,
  removed: 0,
  unchanged: 0,
  ignored: 0,
  removalsHeld: 0,
  registered: 0,
  deregistered: 0,
});

/** The summary of a cluster that could not be looked at. */
export const failedSummary = (cluster: string, problem: string): ClusterSummary => ({
  cluster,
  targets: 0,
  ...noCounts(),
  skipped: {},
  skippedTasks: [],
  moreSkipped: 0,
  problems: [problem],
  moreProblems: 0,
});
