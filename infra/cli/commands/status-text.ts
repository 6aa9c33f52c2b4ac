/** The status for a person: what is wrong comes last, where the eye is. */
import { REPAIR_ADVICE } from '../account/configuration.ts';
import { bold, dim, green, red, yellow } from '../terminal/paint.ts';
import { count, type Row, table } from '../terminal/table.ts';
import { durationOf, timeOf } from '../terminal/times.ts';
import { wrap } from '../terminal/wrap.ts';
import { COLLECTOR_ADVICE } from '../why/collector-step.ts';
import type { Status } from './status-found.ts';

export function statusText(status: Status, columns: number): string[] {
  const { queues, deadLetters, shards, alarms } = status;
  return [
    bold('Queues'),
    ...table(
      ['QUEUE', 'WAITING', 'IN FLIGHT', 'OLDEST'],
      queues.map(({ queue, visible, inFlight, age }) => [
        queue,
        visible,
        inFlight,
        age === undefined ? '-' : durationOf(age),
      ]),
      { columns },
    ),
    '',
    bold('Dead letters'),
    ...table(['OF', 'MESSAGES', 'REASON'], deadLetters.flatMap(deadLetterRows), { columns }),
    '',
    bold('Configuration'),
    ...table(['CLUSTER', 'SHARD', 'VERSION', 'TASKS', 'TARGETS', 'FULL'], shardRows(shards), { columns }),
    '',
    bold('Alarms'),
    ...(alarms.length === 0
      ? [dim('none is on')]
      : alarms.flatMap(({ name, description, since }) => [
          `${red(name)}${since === undefined ? '' : `  since ${timeOf(since)}`}`,
          `  ${wrap(description, 2, columns)}`,
        ])),
    '',
    ...conclusion(status, columns),
  ];
}

/** More rows than this push what is wrong out of sight. */
const MOST_SHARDS = 24;

/** A row a shard; of many, one for each cluster. */
function shardRows(shards: Status['shards']): Row[] {
  if (shards.length <= MOST_SHARDS) {
    return shards.map(({ cluster, shard, version, tasks, targets, fullness }) => {
      return [cluster, shard, version || 'none', tasks, targets, `${fullness} %`];
    });
  }
  return [...Map.groupBy(shards, ({ cluster }) => cluster)].map(([cluster, some]) => {
    const sum = (of: 'tasks' | 'targets'): number => some.reduce((total, one) => total + one[of], 0);
    const versions = some.map(({ version }) => version);
    const range = `${Math.min(...versions)} to ${Math.max(...versions)}`;
    const fullest = `at most ${Math.max(...some.map(({ fullness }) => fullness))} %`;
    return [cluster, `${some.length} shards`, range, sum('tasks'), sum('targets'), fullest];
  });
}

const deadLetterRows = ({ of, messages, reasons }: Status['deadLetters'][number]) => {
  const [first, ...others] = reasons.map(({ reason, messages: some }) =>
    reasons.length > 1 ? `${some} × ${reason}` : reason,
  );
  return [[of, messages, first], ...others.map((text) => [of, undefined, text])];
};

/** What a person has to look at, each with what to do. */
function conclusion({ queues, retried, deadLetters, shards, alarms, unknown }: Status, columns: number): string[] {
  const waiting = queues.flatMap(({ queue, problem }) =>
    problem === undefined
      ? []
      : [queue.startsWith('collector') ? `${problem}. ${COLLECTOR_ADVICE}` : `${queue}: ${problem}.`],
  );
  const dead = deadLetters.flatMap(({ of, messages }) => (messages === 0 ? [] : [deadLetterAdvice(of, messages)]));
  const broken = shards.flatMap(({ cluster, shard, problem }) =>
    problem === undefined
      ? []
      : [`cluster ${cluster}, shard ${shard}: ${problem}.${problem.startsWith('nearly') ? '' : ` ${REPAIR_ADVICE}`}`],
  );
  const missing = unknown.map((text) => `AWS did not say: ${text}`);
  const tried = retried.map(
    ({ of, messages, error }) =>
      `${of} could not handle ${count(messages, 'message')} yet, and tries again: ${error}. See "Targets are late" in docs/operations.md.`,
  );
  const all = [...waiting, ...tried, ...dead, ...broken, ...missing];
  if (all.length === 0 && alarms.length === 0) return [green('All is well.')];
  if (all.length === 0) return [yellow(`${count(alarms.length, 'alarm')} on; the texts above say what to do.`)];
  return [yellow('To look at:'), ...all.map((text) => `- ${wrap(text, 2, columns)}`)];
}

function deadLetterAdvice(of: string, messages: number): string {
  const many = count(messages, 'message');
  switch (of) {
    case 'resync':
      return `${many}: a resync by schedule failed twice. Read the log of the resync function, run "resync", then purge the queue.`;
    case 'events':
      return `${many}: EventBridge could not deliver task changes. Deploy the stack again, run "resync", then purge the queue.`;
    case 'changes':
      return `${many}: SNS could not deliver changes. Deploy the stack again, run "resync", then purge the queue.`;
    default:
      return `${many} of ${of} could not be handled. When the cause above is gone: "redrive ${of}".`;
  }
}
