/** From announcements to Cloud Map: each task that they name is looked at again, and registered or deregistered. */
import pLimit from 'p-limit';
import { CHANGES_AT_ONCE } from '../aws/cloud-map.ts';
import { asError } from '../aws/errors.ts';
import type { QueuedMessage } from '../aws/sqs.ts';
import type { Announcement } from '../discovery/change/announcement.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import { newestOfEach } from '../discovery/change/order.ts';
import { isElsewhere } from '../discovery/cluster/cluster-key.ts';
import { LABELS } from '../discovery/target/labels.ts';
import type { TaskId } from '../discovery/task/task.ts';
import {
  type BatchItemFailure,
  type BatchParts,
  DONE,
  failures,
  type Outcome,
  retry,
  settle,
} from '../lambda/queue-batch.ts';
import { isAnnouncement, readAnnouncement } from '../lambda/read-announcement.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import {
  lookBeforeRegistering,
  type RegisterDeps,
  type RegisterResult,
  registerTask,
  removeMisregistered,
} from './register-task.ts';

interface RegisterBatchDeps extends RegisterDeps, BatchParts {
  readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters'>;
}

/**
 * Seconds until a task whose registration was changed is looked at again. Cloud Map carries changes out later, and may fail
 * to; an older request may still be on its way.
 */
const LOOK_AGAIN_SECONDS = 120;

/** What one message asks for. */
interface Work {
  readonly message: QueuedMessage;
  readonly announcement: Announcement;
}

/** @param deadline milliseconds since 1970 after which nothing is begun */
export async function registerBatch(
  deps: RegisterBatchDeps,
  messages: readonly QueuedMessage[],
  deadline: number,
): Promise<BatchItemFailure[]> {
  const read = messages.map((message) => ({ message, found: readAnnouncement(deps, message) }));
  const outcomes = new Map(
    read.map(({ message, found }): [string, Outcome] => [message.messageId, isAnnouncement(found) ? DONE : found]),
  );
  // Tasks of clusters elsewhere are registered nowhere.
  const work = read.flatMap(({ message, found }): Work[] =>
    isAnnouncement(found) && !isElsewhere(found.cluster) ? [{ message, announcement: found }] : [],
  );
  const limit = pLimit(CHANGES_AT_ONCE);
  const unlessLate: UnlessLate = (act) =>
    limit(() => {
      if (deps.clock.now() >= deadline) throw new Error('the time of the function was up before the task was handled');
      return act();
    });
  const clusters = Map.groupBy(work, ({ announcement }) => announcement.cluster);
  await Promise.all(
    [...clusters].map(async ([cluster, ofCluster]) => {
      for (const [messageId, outcome] of await handle(deps, cluster, ofCluster, unlessLate)) {
        outcomes.set(messageId, outcome);
      }
    }),
  );
  return failures(await settle(deps, messages, outcomes));
}

/** Does something when its turn comes, or fails when it is too late for that. */
type UnlessLate = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Carries out what was announced of one cluster; stops first: they free instances, of which a service holds 1,000. */
async function handle(
  deps: RegisterBatchDeps,
  cluster: string,
  work: readonly Work[],
  unlessLate: UnlessLate,
): Promise<[string, Outcome][]> {
  const announced = work.flatMap(({ announcement }) => announcement.changes.filter(mayBeRegistered));
  const changes = newestOfEach(announced);
  const misregistered = work.flatMap(({ announcement }) => announcement.misregistered.map(({ taskId }) => taskId));
  const isStop = (taskId: TaskId): boolean => changes.get(taskId)?.kind === 'stop';
  const open = new Set([...changes.keys(), ...misregistered].filter((taskId) => !isStop(taskId)));
  const looks = lookBeforeRegistering(deps, cluster, [...open]);
  const results = new Map<TaskId, RegisterResult | Error>();
  const carryOut = async (some: readonly TaskChange[]): Promise<void> => {
    await Promise.all(
      some.map(async (change) => {
        const look = await looks.get(change.taskId);
        results.set(change.taskId, await unlessLate(() => registerTask(deps, change, look)).catch(asError));
      }),
    );
  };
  await carryOut([...changes.values()].filter(({ kind }) => kind === 'stop'));
  await carryOut([...changes.values()].filter(({ kind }) => kind !== 'stop'));
  return Promise.all(
    work.map(async ({ message, announcement }): Promise<[string, Outcome]> => {
      const removals = await Promise.all(
        announcement.misregistered.map(async (it) => {
          const look = await looks.get(it.taskId);
          return unlessLate(() => removeMisregistered(deps, it, look)).catch(asError);
        }),
      );
      const own = announcement.changes.flatMap(({ taskId }) => results.get(taskId) ?? []);
      const isYoung = deps.clock.now() - message.sentAt < LOOK_AGAIN_SECONDS * 1000;
      return [message.messageId, outcomeOf([...own, ...removals], isYoung)];
    }),
  );
}

/** Every task that is registered carries the label of its namespace; for the others Cloud Map need not be asked. */
const mayBeRegistered = (change: TaskChange): boolean =>
  change.kind === 'upsert' ? change.targets.labels[LABELS.namespace] !== undefined : change.service !== undefined;

/** An instance that is not there may be about to come, while the message that removes it is young. */
function outcomeOf(results: readonly (RegisterResult | Error)[], isYoung: boolean): Outcome {
  const error = results.find((it) => it instanceof Error);
  if (error) return retry(error);
  return results.includes('changed') || (isYoung && results.includes('absent'))
    ? { kind: 'later', seconds: LOOK_AGAIN_SECONDS }
    : DONE;
}
