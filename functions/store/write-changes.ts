/** Brings the changes that wait for a shard into its parameter. */
import type { Ecs, TaskAnswer } from '../aws/ecs.ts';
import { asError } from '../aws/errors.ts';
import type { ShardRead } from '../aws/shard-reader.ts';
import { DECISION_MILLISECONDS, ShardFull, type ShardStore, type ShardUpdate } from '../aws/shard-store.ts';
import { type TaskChange, toSeconds, type Upsert } from '../discovery/change/change.ts';
import { isNewer } from '../discovery/change/order.ts';
import type { Clock } from '../discovery/clock.ts';
import {
  applyChanges,
  knownStamp,
  OBSERVATION_LIFETIME_SECONDS,
  offersTheSame,
  type Shard,
  sameTargets,
} from '../discovery/shard/shard.ts';
import { ECS_LAG_SECONDS, notKnownYet } from '../discovery/task/not-yet-visible.ts';
import { isStopped, type TaskId } from '../discovery/task/task.ts';
import type { ShardGroup } from './pending-changes.ts';

export interface WriteDeps {
  readonly ecs: Pick<Ecs, 'describeTasks'>;
  readonly shards: ShardStore;
  readonly clock: Clock;
}

/** No version of the parameter counts: it was deleted, or overwritten again and again. Only resync knows what belongs in it. */
class ShardMissing extends Error {
  override readonly name = 'ShardMissing';
}

export interface WriteResult {
  /** Absent where nothing could be done. */
  readonly update?: ShardUpdate;
  /** What is not in the shard, and why. */
  readonly failed: ReadonlyMap<TaskId, Error>;
  /**
   * Stops of tasks that the shard did not hold. An older statement about one of them may still be on its way, so they are
   * looked at once more.
   */
  readonly unheld: ReadonlySet<TaskId>;
}

/** @param deadline milliseconds since 1970 after which nothing is written any more */
export async function writeChanges(deps: WriteDeps, group: ShardGroup, deadline: number): Promise<WriteResult> {
  let failed: ReadonlyMap<TaskId, Error> = new Map();
  let unheld = new Set<TaskId>();
  const looks = createLooks(deps, group.cluster);
  const changes = [...group.waiting.values()].map(({ change }) => change);

  const decide = async (read: ShardRead): Promise<Shard | undefined> => {
    if (read.kind === 'missing') {
      throw new ShardMissing(`parameter ${read.parameter} holds no shard: run resync, which writes it again`);
    }
    const { confirmed, doubtful } = await confirm(deps.clock, read.shard, changes, looks);
    failed = doubtful;
    unheld = new Set(
      changes
        .filter(({ kind, taskId }) => kind === 'stop' && knownStamp(read.shard, taskId) === undefined)
        .map(({ taskId }) => taskId),
    );
    const wanted = applyChanges(read.shard, confirmed);
    // A target-sync that heard the targets and not the end, as one of two on a queue may, learns of it here alone.
    const isOver = ({ taskId }: TaskChange): boolean =>
      group.waiting.get(taskId)?.wasOffered === true && wanted.removed.get(taskId) !== read.shard.removed.get(taskId);
    return offersTheSame(wanted, read.shard) && !confirmed.some(isOver) ? undefined : wanted;
  };

  try {
    const update = await deps.shards.update(group.cluster, group.shard, decide, deadline);
    const where = `shard ${group.shard} of ${group.cluster}`;
    const full = new ShardFull(`${where} is full: raise the setting "shards", deploy, and run resync`);
    failed = new Map([...failed, ...update.refused.map((taskId): [TaskId, Error] => [taskId, full])]);
    // Once written, the shard itself remembers the stop.
    return { update, failed, unheld: update.written ? new Set() : unheld };
  } catch (error) {
    const cause = asError(error);
    return { failed: new Map(changes.map(({ taskId }) => [taskId, cause])), unheld: new Set() };
  }
}

type Looks = (ids: readonly TaskId[]) => Promise<ReadonlyMap<TaskId, TaskAnswer>>;

/** Asks ECS once for each task of the group, however often others are first; but no answer serves for long. */
function createLooks({ ecs, clock }: WriteDeps, cluster: string): Looks {
  const answers = new Map<TaskId, TaskAnswer>();
  let since = clock.now();
  return async (ids) => {
    if (clock.now() - since >= DECISION_MILLISECONDS) {
      answers.clear();
      since = clock.now();
    }
    const open = ids.filter((id) => !answers.has(id));
    if (open.length > 0) for (const [id, answer] of await ecs.describeTasks(cluster, open)) answers.set(id, answer);
    return answers;
  };
}

interface Confirmation {
  /** What of the changes may be written. */
  readonly confirmed: readonly TaskChange[];
  /** Tasks about which ECS has to be asked once more, and why. */
  readonly doubtful: ReadonlyMap<TaskId, Error>;
}

/**
 * Tells what may be written from what may not. A removal always may. An observation that adds a task must be young, or ECS
 * must still say that the task runs: its stop may have been heard, and forgotten, before. One that gives a task other
 * targets must be the newest that ECS has: the shard may hold the same as a newer one that was not worth a write.
 */
async function confirm(
  clock: Clock,
  shard: Shard,
  changes: readonly TaskChange[],
  looks: Looks,
): Promise<Confirmation> {
  const isOld = ({ observed }: TaskChange): boolean => observed < toSeconds(clock.now()) - OBSERVATION_LIFETIME_SECONDS;
  const asked = changes.filter((change) => {
    if (change.kind !== 'upsert') return false;
    const known = knownStamp(shard, change.taskId);
    if (known && !isNewer(change, known)) return false;
    const published = shard.tasks.get(change.taskId);
    return published ? !sameTargets(published.targets, change.targets) : isOld(change);
  });
  const answers = asked.length > 0 ? await looks(asked.map(({ taskId }) => taskId)) : undefined;
  const judged = changes.map((change): readonly [TaskId, TaskChange[] | Error] => {
    const answer = answers?.get(change.taskId);
    if (!answer || change.kind !== 'upsert' || !asked.includes(change)) return [change.taskId, [change]];
    return [change.taskId, judge(change, answer, shard.tasks.has(change.taskId), toSeconds(clock.now()))];
  });
  return {
    confirmed: judged.flatMap(([, verdict]) => (verdict instanceof Error ? [] : verdict)),
    doubtful: new Map(judged.flatMap(([taskId, verdict]) => (verdict instanceof Error ? [[taskId, verdict]] : []))),
  };
}

/**
 * What is left of an upsert when ECS has been asked again; an error where it has to be asked once more.
 *
 * @param now seconds since 1970
 */
function judge(change: Upsert, answer: TaskAnswer, isPublished: boolean, now: number): TaskChange[] | Error {
  const { taskId, version, observed } = change;
  switch (answer.kind) {
    case 'unknown':
      return answer.error;
    case 'missing':
      if (now - observed < ECS_LAG_SECONDS) return notKnownYet();
      return [{ kind: 'stop', taskId, version, observed: now }];
    case 'task': {
      const { task } = answer;
      if (isStopped(task)) return [{ kind: 'stop', taskId, version: task.version, observed: now }];
      // What replaces these targets is on its way, or is what the shard holds.
      return isPublished && task.version > version ? [] : [change];
    }
  }
}
