/** Whether the configuration that collectors read holds a task, and since when. */
import { sameTargets } from '../../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TimedTargets } from '../../../functions/discovery/target/target-groups.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';
import { NEARLY_FULL, problemOfShard, REPAIR_ADVICE, type ShardState, tasksIn } from '../account/configuration.ts';
import { timeOf } from '../terminal/times.ts';
import { type Decision, failed, passed, type Step, skipped, warning } from './explained-task.ts';

const STEP = 'configuration';

/** @param states all shards of the cluster */
export function configurationSteps(look: ObservedTask, decision: Decision, states: readonly ShardState[]): Step[] {
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
    ...(entry || holders.length > 0 ? [] : absentSteps(look, decision, home)),
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
  home: ShardState,
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

function absentSteps({ taskId }: ObservedTask, decision: Decision, home: ShardState): Step[] {
  if (decision !== 'scraped') return [skipped(STEP, 'it is not there')];
  if (home.read.kind === 'missing') return [];
  if (home.fullness >= NEARLY_FULL) {
    return [
      failed(
        STEP,
        `not in ${nameOf(home)}, which is full: ${home.fullness} % of its bytes are used`,
        'Raise the setting shards (or set shardTier to Advanced) and deploy; resync then moves the tasks.',
      ),
    ];
  }
  return [
    failed(
      STEP,
      `not yet in ${nameOf(home)}`,
      `A task that has just started takes some seconds. After that, "status" shows where changes wait, and "resync --task ${taskId}" adds it.`,
    ),
  ];
}

const nameOf = ({ shard, read }: ShardState): string =>
  `shard ${shard}${read.kind === 'shard' ? ` (version ${read.version})` : ''}`;

/** A shard knows the time of an observation for an hour. */
const seen = (observed: number): string =>
  observed === 0 ? 'as it has been for more than an hour' : `as ECS said at ${timeOf(observed * 1000)}`;
