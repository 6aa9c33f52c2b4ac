/** Mechanisms that the invariants need, each with the way to take it out of the product; mutants.ts does. */

interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  /** What needs the mechanism, an invariant or something in a race, as the tests name it. */
  readonly invariant: string;
  readonly mutations: readonly Mutation[];
}

const STORE = 'functions/aws/shard-store.ts';
const HISTORY = 'functions/aws/shard-history.ts';
const SHARD = 'functions/discovery/shard/shard.ts';
const TASK_CHANGE = 'functions/reconcile/task-change.ts';
const RESYNC = 'functions/resync/resync-cluster.ts';
const RESYNC_SHARD = 'functions/reconcile/resync-shard.ts';
const REGISTRATIONS = 'functions/reconcile/change-registrations.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'racing writers are not merged: no look at the base',
    invariant: 'Nothing vanishes',
    mutations: [
      { file: HISTORY, find: '(base < version ? base : 0)', replace: 'Math.max(base, version - 1)' },
      { file: STORE, find: 'if (made === version + 1)', replace: 'if (made > 0)' },
    ],
  },
  {
    name: 'only the newest of the overwritten versions is merged',
    invariant: 'Nothing vanishes',
    mutations: [
      {
        file: HISTORY,
        find: 'for (let earlier = version - 1; earlier > included; earlier--)',
        replace: 'for (let earlier = version - 1; earlier > included && earlier === version - 1; earlier--)',
      },
    ],
  },
  {
    name: 'no tombstone: a stop is not remembered',
    invariant: 'Nothing returns',
    mutations: [
      {
        file: SHARD,
        find: 'if (!stopped.has(change.taskId)) stopped.set(change.taskId, now + STOP_MEMORY_SECONDS);',
        replace: '',
      },
    ],
  },
  {
    name: 'a stop is remembered for no time',
    invariant: 'Nothing returns',
    mutations: [
      {
        file: SHARD,
        find: 'STOP_MEMORY_SECONDS = 2 * OBSERVATION_LIFETIME_SECONDS',
        replace: 'STOP_MEMORY_SECONDS = 0',
      },
    ],
  },
  {
    name: 'an event is believed, not confirmed with DescribeTasks',
    invariant: 'Nothing returns',
    mutations: [
      {
        file: TASK_CHANGE,
        find: 'answer: answers.get(subject.task.id)',
        replace: "answer: { kind: 'task', task: subject.task }",
      },
    ],
  },
  {
    name: 'task versions are not compared',
    invariant: 'Convergence',
    mutations: [
      { file: SHARD, find: '(current && current.version > targets.version)', replace: 'false' },
      { file: SHARD, find: 'older.version <= newer.version ? newer : older', replace: 'newer' },
    ],
  },
  {
    name: 'the owner tag is not looked at',
    invariant: 'Ownership',
    mutations: [
      {
        file: 'functions/look-up/cloud-map-services.ts',
        find: 'registry.tags[OWNER_TAG] === settings.deployment',
        replace: 'registry.id.length > 0',
      },
    ],
  },
  {
    name: 'a resync removes what DescribeTasks does not speak of',
    invariant: 'Nothing vanishes',
    mutations: [
      { file: RESYNC_SHARD, find: 'throw answer.error;', replace: "return remove(plan, scope, seen, 'stop');" },
    ],
  },
  {
    name: 'an event removes what DescribeTasks does not speak of',
    invariant: 'Nothing vanishes',
    mutations: [{ file: TASK_CHANGE, find: 'return answer.error;', replace: 'return stopOf(deps, subject, before);' }],
  },
  {
    name: 'a shard is made anew from half of what ECS knows',
    invariant: 'Nothing vanishes',
    mutations: [{ file: RESYNC, find: 'if (plan.problems.length > 0)', replace: 'if (plan.problems.length < 0)' }],
  },
  {
    name: 'no guard against mass removal',
    invariant: 'Nothing vanishes',
    mutations: [
      { file: RESYNC, find: 'const hold = !request.force &&', replace: 'const hold = request.force === false &&' },
    ],
  },
  {
    name: 'strays are dropped before their new home is read',
    invariant: 'Nothing vanishes',
    mutations: [
      { file: 'functions/reconcile/stray-tasks.ts', find: 'await deps.clock.sleep(HOMES_ARE_READ);', replace: '' },
    ],
  },
  {
    name: 'a write that changes nothing is written',
    invariant: 'Quiet',
    mutations: [{ file: STORE, find: 'if (settled && sameShard(shard, changed))', replace: 'if (changes.length < 0)' }],
  },
  {
    name: 'duplicates are looked at again',
    invariant: 'Quiet',
    mutations: [
      { file: TASK_CHANGE, find: 'if (isAgain(subject)) return false;', replace: 'if (subject) return false;' },
    ],
  },
  {
    name: 'a malformed event fails its whole batch',
    invariant: 'Isolation',
    mutations: [
      {
        file: TASK_CHANGE,
        find: "outcomes.set(messageId, { kind: 'poison', reason: error.message });",
        replace: 'throw error;',
      },
    ],
  },
  {
    name: 'a malformed event is tried until SQS gives it up',
    invariant: 'Isolation',
    mutations: [
      {
        file: TASK_CHANGE,
        find: "{ kind: 'poison', reason: error.message }",
        replace: "{ kind: 'retry', error }",
      },
    ],
  },
  {
    name: 'a task that cannot be looked at fails its whole batch',
    invariant: 'Isolation',
    mutations: [
      {
        file: TASK_CHANGE,
        find: 'return { subject, result: asError(error) };\n      }\n    }),',
        replace: 'throw error;\n      }\n    }),',
      },
    ],
  },
  {
    name: 'shards are not read again after registering',
    // Whoever stops the task comes back for half a minute, which hides it from the histories.
    invariant: 'a registration',
    mutations: [
      {
        file: REGISTRATIONS,
        find: 'const stopped = await stoppedMeanwhile(deps, registered, failures);',
        replace: 'const stopped = (await stoppedMeanwhile(deps, registered, failures)).slice(0, 0);',
      },
    ],
  },
  {
    name: 'a lagging read takes a registration back',
    invariant: 'Convergence',
    mutations: [{ file: REGISTRATIONS, find: 'read.version >= change.version', replace: 'read.version > 0' }],
  },
  {
    name: 'nobody comes back for an instance that is not registered yet',
    invariant: 'Convergence',
    mutations: [
      { file: REGISTRATIONS, find: 'if (!known && mayCome)', replace: 'if (!known && mayCome === undefined)' },
    ],
  },
  {
    name: 'a record that was tried before is settled by what the shard says',
    invariant: 'Convergence',
    mutations: [
      {
        file: TASK_CHANGE,
        find: 'records.some(({ receiveCount }) => receiveCount > 1)',
        replace: 'records.some(({ receiveCount }) => receiveCount < 1)',
      },
    ],
  },
  {
    name: 'a target file is written in place',
    invariant: 'Atomicity',
    mutations: [
      {
        file: 'containers/target-sync/atomic-file.ts',
        find: 'const temporary = join(directory, temporaryName());',
        replace: 'const temporary = join(directory, name);\n  await files.rm(temporary, { force: true });',
      },
    ],
  },
  {
    name: 'target-sync goes back to an older version',
    invariant: 'Nothing returns',
    mutations: [
      {
        file: 'containers/target-sync/version-guard.ts',
        find: 'if (published === undefined || read >= published)',
        replace: 'if (published === undefined || read >= 0)',
      },
    ],
  },
  {
    name: 'one DescribeTasks for each task',
    invariant: 'Bounded',
    mutations: [{ file: 'functions/aws/ecs.ts', find: 'TASKS_PER_CALL = 100', replace: 'TASKS_PER_CALL = 1' }],
  },
  {
    name: 'one write for each change',
    invariant: 'Bounded',
    mutations: [
      {
        file: 'functions/reconcile/publish.ts',
        find: 'const groups = byShard(changes, deps.settings.shards)',
        replace: 'const groups = changes.flatMap((change) => byShard([change], deps.settings.shards))',
      },
    ],
  },
];

/**
 * The text without the mechanism.
 *
 * @throws Error when the text does not hold exactly once what is to be replaced: the mutation has to follow the product.
 */
export function mutate(text: string, { file, find, replace }: Mutation): string {
  if (text.split(find).length !== 2) throw new Error(`${file} must hold exactly once: ${find}`);
  return text.replace(find, () => replace);
}
