/** Whether the configuration that collectors read holds a task, and since when. */
import type { ShardRead } from '../../../functions/aws/shard-reader.ts';
import { fitInto } from '../../../functions/discovery/shard/fit-into.ts';
import { sameTargets } from '../../../functions/discovery/shard/shard.ts';
import { PARAMETER_BYTES } from '../../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TimedTargets } from '../../../functions/discovery/target/target-groups.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';
import { problemOfShard, REPAIR_ADVICE, type StoredShard, tasksIn } from '../account/configuration.ts';
import { timeOf } from '../terminal/times.ts';
import { type Decision, failed, passed, type Step, skipped, warning } from './explained-task.ts';

const STEP = 'configuration';

/** @param states all shards of the cluster */
export function configurationSteps(
  look: ObservedTask,
  decision: Decision,
  states: readonly StoredShard[],
  { shardTier }: Pick<DiscoverySettings, 'shardTier'>,
): Step[] {
  const { taskId } = look;
  const home = states[shardOfTask(taskId, states.length)];
  if (!home) return [];
  const holders = states.filter((state) => tasksIn(state).has(taskId));
  const entry = tasksIn(home).get(taskId);
  const problem = problemOfShard(home);
  const isMissing = decision === 'scraped' && holders.length === 0 && home.read.kind === 'missing';
  return [
    ...(problem === undefined ? [] : [(isMissing ? failed : warning)(STEP, problem, REPAIR_ADVICE)]),
    ...(entry ? [publishedStep(look, decision, home, entry)] : []),
    ...(entry || holders.length > 0 ? [] : absentSteps(look, decision, home, PARAMETER_BYTES[shardTier])),
    ...holders
      .filter((state) => state !== home)
      .map(({ shard }) =>
        warning(
          STEP,
          `it stands in shard ${shard}, but belongs in shard ${home.shard}`,
          'Run "resync", which moves it.',
        ),
      ),
  ];
}

function publishedStep(
  { taskId, observation }: ObservedTask,
  decision: Decision,
  home: StoredShard,
  entry: TimedTargets,
): Step {
  const where = `in ${nameOf(home)}, ${seen(entry.observed)}`;
  if (decision === 'held') return passed(STEP, `${where}; it stays as it is`);
  if (decision !== 'scraped') {
    return warning(
      STEP,
      `still ${where}`,
      `Run "resync --task ${taskId}", which removes it, if it is still there in a minute.`,
    );
  }
  if (observation.kind !== 'offers' || sameTargets(observation.targets, entry.targets)) return passed(STEP, where);
  const { address, targets } = entry.targets;
  return warning(
    STEP,
    `${where}, but with other labels or another address: ${targets.map(({ port }) => `${address}:${port}`).join(', ')}`,
    `"status" shows whether the change is on its way. Otherwise run "resync --task ${taskId}".`,
  );
}

function absentSteps(look: ObservedTask, decision: Decision, home: StoredShard, limit: number): Step[] {
  if (decision !== 'scraped') return [skipped(STEP, 'it is not there')];
  if (home.read.kind === 'missing') return [];
  if (!hasRoomFor(look, home.read, limit)) {
    return [
      failed(
        STEP,
        `not in ${nameOf(home)}, which is too full for it: ${home.fullness} % of its bytes are used`,
        'Raise the setting shards (or set shardTier to Advanced) and deploy; resync then moves the tasks. Until then, collectors that run scrape it, and one that starts does not know it.',
      ),
    ];
  }
  return [
    failed(
      STEP,
      `not yet in ${nameOf(home)}`,
      `A task that has just started takes some seconds. After that, "status" shows where changes wait and why, and "resync --task ${look.taskId}" adds it.`,
    ),
  ];
}

/** @param limit bytes of the parameter */
function hasRoomFor(
  { taskId, observed, observation }: ObservedTask,
  { shard, version }: Extract<ShardRead, { kind: 'shard' }>,
  limit: number,
): boolean {
  if (observation.kind !== 'offers') return true;
  const tasks = new Map([...shard.tasks, [taskId, { targets: observation.targets, observed }]]);
  return fitInto({ ...shard, tasks }, shard, version, limit)?.refused.length === 0;
}

const nameOf = ({ shard, read }: StoredShard): string =>
  `shard ${shard}${read.kind === 'shard' ? ` (version ${read.version})` : ''}`;

/** A shard knows the time of an observation for an hour. */
const seen = (observed: number): string =>
  observed === 0 ? 'as it has been for more than an hour' : `as ECS said at ${timeOf(observed * 1000)}`;
