/** `status`: what waits, what failed, what is written, and which alarms are on. */

import { alarmsOn } from '../account/alarms-on.ts';
import { NEARLY_FULL, problemOfShard, readConfiguration, type StoredShard, tasksIn } from '../account/configuration.ts';
import { deadLetterQueues, reasonsIn } from '../account/dead-letters.ts';
import { errorText } from '../account/error-text.ts';
import { queueStates } from '../account/queues.ts';
import { retriesOf } from '../account/retries.ts';
import { type CliParts, type CommonOptions, openSession, printJson, type Session } from '../session.ts';
import { problemOfCollector } from '../why/collector-step.ts';
import type { DeadLetters, RetriedMessages, ShardLine, Status, WaitingQueue } from './status-found.ts';
import { statusText } from './status-text.ts';

export async function status(parts: CliParts, options: CommonOptions): Promise<void> {
  const session = await openSession(parts, options);
  const found = await statusOf(session);
  if (options.json) printJson(parts.terminal, found);
  else parts.terminal.print(...statusText(found, parts.terminal.columns));
}

/** One part that cannot be had leaves the others: who is on call needs what there is. */
async function statusOf(session: Session): Promise<Status> {
  const unknown: string[] = [];
  const unlessFailing = async <Item>(what: string, asking: Promise<Item[]>): Promise<Item[]> =>
    asking.catch((error: unknown) => {
      unknown.push(`${what}: ${errorText(error)}`);
      return [];
    });
  const { cloudWatch } = session.clients;
  const [queues, deadLetters, shards, alarms] = await Promise.all([
    unlessFailing('queues', waitingQueues(session)),
    unlessFailing('dead letters', deadLettersOf(session)),
    unlessFailing('shards', shardLines(session)),
    unlessFailing('alarms', alarmsOn(cloudWatch, session.deployment.name)),
  ]);
  const retried = await unlessFailing('logs', retriedMessages(session, queues));
  return { queues, retried, deadLetters, shards, alarms, unknown };
}

/** From this age of its oldest message on, in seconds, a stage is behind; its alarm says the same. */
const BEHIND_SECONDS = 300;

const STAGES = [
  ['stops', 'StopsQueue', 'observe', 'ObserveFunction'],
  ['runs', 'RunsQueue', 'observe', 'ObserveFunction'],
  ['store', 'StoreQueue', 'store', 'StoreFunction'],
  ['register', 'RegisterQueue', 'register', 'RegisterFunction'],
] as const;

/** What the functions cannot handle now, of those whose queues are not empty. */
async function retriedMessages(session: Session, queues: readonly WaitingQueue[]): Promise<RetriedMessages[]> {
  const { clients, deployment, clock } = session;
  const busy = new Map(
    STAGES.flatMap(([queue, , stage, output]) => {
      const state = queues.find((one) => one.queue === queue);
      const name = deployment.optionalOutput(output);
      return state && name !== undefined && state.visible + state.inFlight > 0 ? [[stage, name] as const] : [];
    }),
  );
  const found = [...busy].map(async ([of, name]) => {
    const retries = await retriesOf(clients, name, clock);
    return retries.map((retry) => ({ of, ...retry }));
  });
  return (await Promise.all(found)).flat();
}

async function waitingQueues({ clients, deployment, clock }: Session): Promise<WaitingQueue[]> {
  const stages = STAGES.flatMap(([queue, output, stage]) => {
    const url = deployment.optionalOutput(output);
    return url === undefined ? [] : [{ queue, url, stage }];
  });
  const collectors = deployment.collectorQueues;
  const states = await queueStates(clients, [...stages.map(({ url }) => url), ...collectors], clock);
  return states.map(({ visible, inFlight, age }, index) => {
    const stage = stages[index];
    const number = index - stages.length;
    const state = { visible, inFlight, ...(age !== undefined && { age }) };
    const problem = stage
      ? problemOfStage(stage.stage, age)
      : problemOfCollector(number, { visible, ...(age !== undefined && { age }) });
    return { queue: stage?.queue ?? `collector ${number}`, ...state, ...(problem !== undefined && { problem }) };
  });
}

const problemOfStage = (stage: string, age = 0): string | undefined =>
  age < BEHIND_SECONDS
    ? undefined
    : `the ${stage} function is behind: it is throttled, fails, or waits for AWS. Its log says which: "message is tried again"`;

async function deadLettersOf({ clients, deployment, clock }: Session): Promise<DeadLetters[]> {
  const queues = await deadLetterQueues(clients, deployment);
  const states = await queueStates(
    clients,
    queues.map(({ url }) => url),
    clock,
  );
  return Promise.all(
    queues.map(async ({ of, url }, index) => {
      const messages = states[index]?.visible ?? 0;
      return { of, messages, reasons: messages === 0 ? [] : await reasonsIn(clients.sqs, url) };
    }),
  );
}

async function shardLines({ clients, deployment, clock }: Session): Promise<ShardLine[]> {
  const { settings } = deployment;
  const states = await Promise.all(
    settings.clusters.map((cluster) => readConfiguration(clients.ssm, settings, cluster, clock)),
  );
  return states.flat().map(shardLine);
}

function shardLine(state: StoredShard): ShardLine {
  const { cluster, shard, read, fullness } = state;
  const entries = [...tasksIn(state).values()];
  const full = fullness >= NEARLY_FULL ? 'nearly full: raise the setting shards, and deploy' : undefined;
  const problem = problemOfShard(state) ?? full;
  return {
    cluster,
    shard,
    version: read.kind === 'shard' ? read.version : 0,
    tasks: entries.length,
    targets: entries.reduce((sum, { targets }) => sum + targets.targets.length, 0),
    fullness,
    ...(problem !== undefined && { problem }),
  };
}
