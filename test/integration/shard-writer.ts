/**
 * A process that writes one shard as fast as it can, through the shipped adapters, as a Lambda does. Says on standard
 * output what it begins and what is done:  `{ "event": "done", "kind": "upsert", "taskId": "…", "races": 1 }`
 */
import { createClients, PATIENCE } from '../../functions/aws/clients.ts';
import { createParameters } from '../../functions/aws/parameters.ts';
import { createShardStore } from '../../functions/aws/shard-store.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { type TaskChange, toSeconds } from '../../functions/discovery/change/change.ts';
import { applyChanges, EMPTY_SHARD } from '../../functions/discovery/shard/shard.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';

export const DEPLOYMENT = 'two-writers';
export const CLUSTER = 'prod';
export const SHARD = 0;

export interface Written {
  readonly event: 'begun' | 'done';
  readonly kind: 'upsert' | 'stop';
  readonly taskId: TaskId;
  /** How often another writer was first; only when it is done. */
  readonly races?: number;
}

const tell = (line: Written): void => console.log(JSON.stringify(line));

/** Adds a task a round; every third round stops one of its own. */
const write = async (name: string, rounds: number): Promise<void> => {
  const parameters = createParameters(createClients(PATIENCE.store).ssm, 'Advanced');
  const store = createShardStore(parameters, { deployment: DEPLOYMENT, shardTier: 'Advanced' }, systemClock);
  const mine: TaskId[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const stops = round % 3 === 2;
    const taskId = (stops ? mine.shift() : `${name}-${round}`) as TaskId;
    const statement = { taskId, version: 1, observed: toSeconds(Date.now()) };
    const labels = { cluster: CLUSTER };
    const targets = { taskId, version: 1, address: '10.0.0.1', labels, targets: [{ port: 3000, labels: {} }] };
    const change: TaskChange = stops ? { kind: 'stop', ...statement } : { kind: 'upsert', ...statement, targets };
    const { kind } = change;
    tell({ event: 'begun', kind, taskId });
    const { races, written } = await store.update(
      CLUSTER,
      SHARD,
      async (read) => applyChanges(read.kind === 'shard' ? read.shard : EMPTY_SHARD, [change]),
      Date.now() + 30_000,
    );
    if (!written) throw new Error('the shard was not written');
    tell({ event: 'done', kind, taskId, races });
    if (!stops) mine.push(taskId);
  }
};

if (process.argv[1] === import.meta.filename) {
  const [, , name = 'writer', rounds = '10'] = process.argv;
  await write(name, Number(rounds));
}
