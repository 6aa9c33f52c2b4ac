/** Mechanisms that the invariants need, each with the way to take it out and the cheap tests that must notice. */
import { type Mutant, without } from './mutation.ts';
import { TARGET_SYNC } from './target-sync.ts';

/** Where mechanisms are looked for. */
export const FOLDERS = ['functions', 'containers/target-sync'];

const ORDER = { files: ['functions/discovery/change'] };
const SHARD_STORE = { files: ['functions/aws/shard-store'] };
const STORE = { files: ['functions/store'] };
const OBSERVE = { files: ['functions/observe'] };
const PLAN = { files: ['functions/discovery/plan'] };
const REGISTER = { files: ['functions/register'] };
const RESYNC = { files: ['functions/resync'] };

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'order: the version of the task does not count',
    mutations: [without('if (a.version !== b.version) return a.version > b.version;')],
    killers: ORDER,
  },
  {
    name: 'order: the time of the observation does not count',
    mutations: [without('if (a.observed !== b.observed) return a.observed > b.observed;')],
    killers: ORDER,
  },
  {
    name: 'order: a stop is not last',
    mutations: [without("if (b.kind === 'stop') return false;\n  if (a.kind === 'stop') return true;")],
    killers: ORDER,
  },
  {
    name: 'announcement: what is no address is taken for one',
    mutations: [{ find: 'z.union([z.ipv4(), z.ipv6()])', replace: 'z.string()' }],
    killers: { files: ['functions/discovery/change', 'functions/discovery/shard'] },
  },
  {
    name: 'announcement: a label that Prometheus would misread is taken',
    mutations: [{ find: 'isLabelAllowed(name) && typeof value', replace: 'typeof value' }],
    killers: { files: ['functions/discovery/change', 'functions/discovery/shard'] },
  },
  {
    name: 'announcement: one of another deployment or cluster is taken',
    mutations: [
      {
        find: 'if (deployment === settings.deployment && settings.clusters.includes(cluster)) return announcement;',
        replace: 'return announcement;',
      },
    ],
    killers: { files: ['functions/store', 'functions/register'] },
  },
  {
    name: 'announcement: a large one goes in one message',
    mutations: [{ find: 'Buffer.byteLength(body) <= ANNOUNCEMENT_BYTES ||', replace: 'body ||' }],
    killers: ORDER,
  },
  {
    name: 'event: one about a task of another account is taken',
    mutations: [{ find: 'if (task.account !== parsed.data.account) {', replace: 'if (task.account === null) {' }],
    killers: { files: ['functions/discovery/task', 'functions/observe'] },
  },
  {
    name: 'event: one whose version no announcement takes is taken',
    mutations: [{ find: 'version: z.int().check(z.minimum(0)),', replace: 'version: z.int(),' }],
    killers: OBSERVE,
  },
  {
    name: 'task: an address that no announcement takes is announced',
    mutations: [without(' && isAddress(it)')],
    killers: OBSERVE,
  },
  {
    name: 'task: a port that no announcement takes is announced',
    mutations: [{ find: '].every(isPort)', replace: '].every(Boolean)' }],
    killers: OBSERVE,
  },
  {
    name: 'ecs: every failure of DescribeTasks is MISSING',
    mutations: [{ find: "failure.reason === 'MISSING'\n", replace: 'failure.reason\n' }],
    killers: { files: ['functions/aws/ecs'] },
  },
  {
    name: 'ecs: one page of a list is all of it',
    mutations: [{ find: '} while (token !== undefined);', replace: '} while (token === null);' }],
    killers: { files: ['functions/aws/ecs', 'functions/aws/cloud-map'] },
  },
  {
    name: 'shards: what SSM refuses is read again before it is repeated',
    mutations: [without('if (!isThrottle(error)) throw error;')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: one task that never fits keeps the others out',
    mutations: [without('changed.sort((a, b) => growth(a) - growth(b));')],
    killers: { files: ['functions/discovery/shard'] },
  },
  {
    name: 'shards: the newest version is read, whether it counts or not',
    mutations: [{ find: 'if (document?.base === version - 1) {', replace: 'if (document) {' }],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: the number that a put answers is not compared',
    mutations: [{ find: 'if (made === read.newest + 1) {', replace: 'if (made !== undefined) {' }],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: versions from before a parameter was created again are believed',
    mutations: [{ find: 'if (isNew && passed.some(', replace: 'if (!isNew && passed.some(' }],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: two parameters that were only created are one',
    mutations: [without(' ?? lifeSince(writtenAt)')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: a version that names its own number does not show that its parameter was created again',
    mutations: [without('base >= version ||')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: what is below a version of another life is believed at once',
    mutations: [without(' || (life !== undefined && below.life !== undefined && life !== below.life)')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: who is answered a number that is too low goes on',
    mutations: [without('if (made !== undefined && made <= read.newest) begunAgain.set(parameter, clock.now());')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: a life that begins where no version counts has no name',
    mutations: [without(' ?? lifeSince(read.newestAt)')],
    killers: SHARD_STORE,
  },
  {
    name: 'shards: a removal is not remembered',
    mutations: [
      without('removed.set(taskId, { kind: change.kind, version: change.version, observed: change.observed });'),
    ],
    killers: { files: ['functions/discovery/shard'] },
  },
  {
    name: 'shards: what SSM refuses for ten seconds is not decided again',
    mutations: [{ find: 'Math.min(deadline, decidedAt + DECISION_MILLISECONDS)', replace: 'deadline' }],
    killers: STORE,
  },
  {
    name: 'store: an old observation adds a task without a question to ECS',
    mutations: [{ find: ': isOld(change);', replace: ': false;' }],
    killers: STORE,
  },
  {
    name: 'store: other targets replace those of a task without a question to ECS',
    mutations: [
      {
        find: 'return published ? !sameTargets(published.targets, change.targets) : isOld(change);',
        replace: 'return !published && isOld(change);',
      },
    ],
    killers: STORE,
  },
  {
    name: 'store: MISSING is a stop at once',
    mutations: [without('if (now - observed < ECS_LAG_SECONDS) return notKnownYet();')],
    killers: STORE,
  },
  {
    name: 'store: a stop that the shard does not hold is not looked at again',
    mutations: [{ find: 'unheld: update.written ? new Set() : unheld };', replace: 'unheld: new Set() };' }],
    killers: STORE,
  },
  {
    name: 'store: who heard of targets alone does not learn that the task is over',
    mutations: [without(' && !confirmed.some(isOver)')],
    killers: STORE,
  },
  {
    name: 'store: a run takes more messages than it may have in hand',
    mutations: [{ find: 'MOST_MESSAGES - messages.length - run.taken.length', replace: 'MOST_MESSAGES' }],
    killers: STORE,
  },
  {
    name: 'store: the later of two runs takes messages, too',
    mutations: [{ find: 'run.isSecond ? 0 : MOST', replace: 'MOST' }],
    killers: STORE,
  },
  {
    name: 'store: a message that failed for one shard is looked at late for another',
    mutations: [without(" && this.outcomes.get(messageId)?.kind === 'done'")],
    killers: STORE,
  },
  {
    name: 'store: a stop that the shard does not hold is worth a write',
    mutations: [
      {
        find: 'return offersTheSame(wanted, read.shard) && !confirmed.some(isOver) ? undefined : wanted;',
        replace: 'return wanted;',
      },
    ],
    killers: STORE,
  },
  {
    name: 'store: what a run took itself is never deleted',
    mutations: [
      {
        find: '  await remove(\n    parts,\n    taken.filter((message) => !kept.has(message)),\n  );\n',
        replace: '  kept.clear();\n',
      },
    ],
    killers: { files: ['functions/lambda/queue-batch', 'functions/store'] },
  },
  {
    name: 'store: a request for more messages that fails loses what the others received',
    mutations: [
      {
        find: "report.warn('no more messages could be taken at once', { error: describeError(error) });",
        replace: 'throw error;',
      },
    ],
    killers: { files: ['functions/store', 'functions/observe'] },
  },
  {
    name: 'store: shards wait until SQS has deleted the messages of others',
    mutations: [{ find: 'settling.push(settleTaken(', replace: 'await (settleTaken(' }],
    killers: STORE,
  },
  {
    name: 'store: what is malformed is dropped',
    mutations: [
      { find: 'return (await putAside(parts, message, outcome.reason)) ? [] : [message];', replace: 'return [];' },
    ],
    killers: STORE,
  },
  {
    name: 'observe: stops wait for look-ups',
    mutations: [
      {
        find: 'function observeStops(deps: ObserveBatchDeps, cluster: string, tasks: readonly EventTask[]): Promise<Failed> {',
        replace:
          'async function observeStops(deps: ObserveBatchDeps, cluster: string, tasks: readonly EventTask[]): Promise<Failed> {\n' +
          '  await deps.ecs.describeTasks(cluster, tasks.map(({ task }) => task.id));',
      },
    ],
    killers: OBSERVE,
  },
  {
    name: 'observe: what SNS refused is done',
    mutations: [{ find: 'return error ? [[task.arn, error] as const] : [];', replace: 'return [];' }],
    killers: OBSERVE,
  },
  {
    name: 'observe: an answer that is older than the event is believed',
    mutations: [without("if (version > task.version) return seen({ kind: 'unknown', error: olderVersion() });")],
    killers: OBSERVE,
  },
  {
    name: 'observe: a task that ECS does not know yet is given up at once',
    mutations: [without("if (published === 'unread') return held(notKnownYet());")],
    killers: OBSERVE,
  },
  {
    name: 'observe: a task in bridge mode has one announcement for all its versions',
    mutations: [without('if (containers.some(({ networkBindings }) => networkBindings.length > 0)) return undefined;')],
    killers: OBSERVE,
  },
  {
    name: 'observe: a repetition is announced again',
    mutations: [
      {
        find: '!this.#taken.has(task.arn) && !this.#deps.announced.covers(task)',
        replace: '!this.#taken.has(task.arn)',
      },
    ],
    killers: OBSERVE,
  },
  {
    name: 'observe: what AWS fails to answer for five minutes is given up',
    mutations: [{ find: ' && observation.error instanceof AnswerIncomplete;', replace: ';' }],
    killers: OBSERVE,
  },
  {
    name: 'observe: look-ups wait for the announcement of stops',
    mutations: [{ find: 'const first = inEach(', replace: 'const first = await inEach(' }],
    killers: OBSERVE,
  },
  {
    name: 'observe: clusters wait for each other',
    mutations: [
      {
        find: 'Promise.all([...clusters].map((entry) => act(...entry)));',
        replace: 'Array.fromAsync(clusters, (entry) => act(...entry));',
      },
    ],
    killers: OBSERVE,
  },
  {
    name: 'observe: look-ups have no budget',
    mutations: [
      { find: 'const isOver = clock.sleep(BUDGET);', replace: 'const isOver = new Promise<void>(() => {});' },
    ],
    killers: OBSERVE,
  },
  {
    name: 'observe: one slow look-up keeps back the other tasks',
    mutations: [{ find: 'await Promise.race([deciding, clock.sleep(GATHERING)]);', replace: 'await deciding;' }],
    killers: OBSERVE,
  },
  {
    name: 'observe: a full batch leaves what waits behind it',
    mutations: [{ find: 'messages.length >= OBSERVE_BATCH_SIZE ?', replace: 'messages.length < 0 ?' }],
    killers: OBSERVE,
  },
  {
    name: 'plan: a task that is held is removed',
    mutations: [
      {
        find: 'return held(observation.error);',
        replace: "return isPublished ? { kind: 'stop', taskId, version: published.version, observed } : NOTHING;",
      },
    ],
    killers: PLAN,
  },
  {
    name: 'plan: what is as published is announced again',
    mutations: [without('if (isPublished && sameTargets(published, targets)) return NOTHING;')],
    killers: PLAN,
  },
  {
    name: 'register: an older version than was announced is registered',
    mutations: [
      {
        find: "if (task && task.version < change.version && observation.kind !== 'stopped') {",
        replace: 'if (task === null) {',
      },
    ],
    killers: REGISTER,
  },
  {
    name: 'register: a repetition costs an operation of Cloud Map',
    mutations: [without("if (found && isRegistered(wanted, found)) return 'right';")],
    killers: REGISTER,
  },
  {
    name: 'register: without the tag of the owner',
    mutations: [{ find: 'owner === settings.deployment;', replace: 'owner !== null;' }],
    killers: { files: ['functions/look-up/cloud-map-lookup', 'functions/register'] },
  },
  {
    name: 'register: by tags of any age',
    mutations: [{ find: '{ unselected: since, selected: since }', replace: '{ unselected: 0 }' }],
    killers: REGISTER,
  },
  {
    name: 'register: what stopped is deregistered by tags of any age',
    mutations: [
      {
        find: 'cloudMapLookup.ownedOf(service, clock.now() - OWNED_MILLISECONDS)',
        replace: 'cloudMapLookup.ownedOf(service)',
      },
    ],
    killers: REGISTER,
  },
  {
    name: 'register: instances where they do not belong are removed by tags of any age',
    mutations: [{ find: 'cloudMapLookup.owned(clock.now() - OWNED_MILLISECONDS)', replace: 'cloudMapLookup.owned()' }],
    killers: REGISTER,
  },
  {
    name: 'register: what a missing namespace may hold is done',
    mutations: [without('if (!owned && incomplete) throw incomplete;')],
    killers: REGISTER,
  },
  {
    name: 'register: nothing is looked at again',
    mutations: [
      {
        find: "return results.includes('changed') || (isYoung && results.includes('absent'))",
        replace: 'return results.length < 0',
      },
    ],
    killers: REGISTER,
  },
  {
    name: 'register: stops wait for look-ups',
    mutations: [without('.filter((taskId) => !isStop(taskId))')],
    killers: REGISTER,
  },
  {
    name: 'register: stops come after those that start',
    mutations: [
      { find: "filter(({ kind }) => kind === 'stop'));", replace: "filter(({ kind }) => kind !== 'stop'), );" },
      { find: "filter(({ kind }) => kind !== 'stop'));", replace: "filter(({ kind }) => kind === 'stop'));" },
    ],
    killers: REGISTER,
  },
  {
    name: 'register: an instance that belongs where it is by now is removed',
    mutations: [without("if (look?.registration?.serviceId === serviceId) return 'right';")],
    killers: REGISTER,
  },
  {
    name: 'register: MISSING is a stop at once',
    mutations: [without('if (look.observed - change.observed < ECS_LAG_SECONDS) throw notKnownYet();')],
    killers: REGISTER,
  },
  {
    name: 'resync: a first look at all shards takes the time that it takes',
    mutations: [without('if (count > 0 && !this.#request.dryRun && this.#deps.clock.now() >= deadline) break;')],
    killers: RESYNC,
  },
  {
    name: 'resync: without a second look',
    mutations: [
      {
        find: 'const looked = await this.#comparison.again(shard, { taskIds, read });',
        replace: 'const looked = differing;',
      },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: its word is given while a task is unknown',
    mutations: [
      {
        find: 'if (found === undefined || isUnsure || isUnknown || !isWhole(this.#request)) return [];',
        replace: 'if (found === undefined || isUnsure || !isWhole(this.#request)) return [];',
      },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: without the guard against mass removal',
    mutations: [{ find: '!request.force && tooManyRemovals(', replace: 'request.force === null && tooManyRemovals(' }],
    killers: RESYNC,
  },
  {
    name: 'resync: removes in its second look what the guard has not judged',
    mutations: [{ find: '(!isRemoval(task) || removable.has(task.look.taskId))', replace: 'true' }],
    killers: RESYNC,
  },
  {
    name: 'resync: a task that is listed and not known is gone',
    mutations: [
      {
        find: "seen.observation.kind === 'missing' && known.listed.has(taskId) ? contradicted(seen) : seen;",
        replace: 'seen;',
      },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: a shard is rebuilt while some of its tasks are unknown',
    mutations: [
      without("if (looked.some(isUnclear)) throw new Error('some of its tasks are unknown');"),
      { find: 'if (this.#comparison.of(shard).some(isUnclear)) {', replace: 'if (shard < 0) {' },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: misplaced tasks are moved out before they are in',
    mutations: [
      {
        find: 'const gone = (misplaced.get(shard) ?? []).filter(isSettled);',
        replace: 'const gone = misplaced.get(shard) ?? [];',
      },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: lists tasks before it reads what is published',
    mutations: [
      without('  const reads = await shards.read(cluster, [...Array(settings.shards).keys()]);\n'),
      {
        find: '.filter((id) => inTask(scope, id));\n',
        replace:
          '.filter((id) => inTask(scope, id));\n' +
          '  const reads = await shards.read(cluster, [...Array(settings.shards).keys()]);\n',
      },
    ],
    killers: RESYNC,
  },
  {
    name: 'resync: its word is given while removals are held back and something else is announced',
    mutations: [{ find: 'isHeld || looked.some(isUnclear)', replace: 'looked.some(isUnclear)' }],
    killers: RESYNC,
  },
  {
    name: 'resync: the second look believes the tags of the first',
    mutations: [{ find: 'known, since ?? deps.clock.now());', replace: 'known, since ?? 0);' }],
    killers: RESYNC,
  },
  {
    name: 'resync: a shard that is rebuilt holds removals that the guard has not judged',
    mutations: [{ find: "(statement?.kind === 'upsert' ? [statement] : [])", replace: '(statement ?? [])' }],
    killers: RESYNC,
  },
  {
    name: 'resync: a shard that tasks are moved out of forgets who stopped',
    mutations: [{ find: '{ tasks, removed: read.shard.removed };', replace: '{ tasks, removed: new Map() };' }],
    killers: RESYNC,
  },
  {
    name: 'resync: nobody hears of the homes before tasks leave the old shard',
    mutations: [without('  await say(home.versions);\n')],
    killers: RESYNC,
  },
  {
    name: 'resync: task definitions that it could not read are lost',
    mutations: [
      { find: 'if (!isNew || !stored) return;', replace: 'if (!isNew) return;\n      stored ??= new Map();' },
    ],
    killers: RESYNC,
  },
  {
    name: 'look-up: of two namespaces of one name, one counts',
    mutations: [
      {
        find: '.filter((namespace) => names.includes(namespace.name))',
        replace:
          '.filter(({ name: it }, at, all) => names.includes(it) && all.findIndex(({ name: other }) => other === it) === at)',
      },
    ],
    killers: { files: ['functions/look-up'] },
  },
  {
    name: 'look-up: a role of another account is used until it expires',
    mutations: [without(' - RENEWAL')],
    killers: { files: ['functions/aws/source-role'] },
  },
  {
    name: 'look-up: nothing is remembered for when AWS fails',
    mutations: [
      { find: 'const stale = since === 0 ? latest.get(key) : undefined;', replace: 'const stale = undefined;' },
    ],
    killers: { files: ['functions/look-up'] },
  },
  {
    name: 'look-up: an answer of before is good enough where a newer one was asked for',
    mutations: [{ find: 'since === 0 ? latest.get(key) : undefined', replace: 'latest.get(key)' }],
    killers: { files: ['functions/look-up'] },
  },
  {
    name: 'resync: an instance of another cluster counts',
    mutations: [{ find: 'isOfCluster(instance, cluster) && ', replace: '' }],
    killers: RESYNC,
  },
  {
    name: 'look-up: one id that cannot be a task holds up a hundred tasks',
    mutations: [without('.filter((id) => TASK_ID.test(id))')],
    killers: { files: ['functions/aws/ecs'] },
  },
  {
    name: 'resync: its word is given for a shard that was made from one list of ECS',
    mutations: [without(" || this.#state.reads.get(shard)?.kind === 'missing'")],
    killers: RESYNC,
  },
  {
    name: 'resync: goes on with a number of shards that is no longer deployed',
    mutations: [without('if (wanted !== undefined) await mustBeDeployed(deps);')],
    killers: RESYNC,
  },
  ...TARGET_SYNC,
];
