/**
 * A process that writes one shard as fast as it can, through the shipped adapters, as a Lambda does. Says on standard
 * output what it begins and what is done:  `{ "event": "done", "kind": "upsert", "taskId": "…", "conflicts": 1 }`
 */
import { createClients } from '../../functions/aws/clients.ts';
import { createParameters } from '../../functions/aws/parameters.ts';
import { createShardStore } from '../../functions/aws/shard-store.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import type { ShardChange } from '../../functions/discovery/shard/shard.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';

export const DEPLOYMENT = 'two-writers';
export const CLUSTER = 'prod';
export const SHARD = 0;

export interface Written {
  readonly event: 'begun' | 'done';
  readonly kind: 'upsert' | 'stop';
  readonly taskId: TaskId;
  /** How often this write met another one; only when it is done. */
  readonly conflicts?: number;
}

const tell = (line: Written): void => console.log(JSON.stringify(line));

/** Adds a task a round; every third round stops one of its own. */
const write = async (name: string, rounds: number): Promise<void> => {
  const { ssmRead, ssmWrite } = createClients();
  const parameters = createParameters({ read: ssmRead, write: ssmWrite }, 'Advanced');
  const store = createShardStore(parameters, { deployment: DEPLOYMENT, shardTier: 'Advanced' }, systemClock);
  const mine: TaskId[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const stops = round % 3 === 2;
    const taskId = (stops ? mine.shift() : `${name}-${round}`) as TaskId;
    const kind = stops ? 'stop' : 'upsert';
    const labels = { cluster: CLUSTER };
    const targets = { taskId, version: 1, address: '10.0.0.1', labels, targets: [{ port: 3000, labels: {} }] };
    const change: ShardChange = stops ? { kind: 'stop', taskId } : { kind: 'upsert', targets };
    tell({ event: 'begun', kind, taskId });
    const { conflicts } = await store.update(CLUSTER, SHARD, [change], { deadline: Date.now() + 30_000, create: true });
    tell({ event: 'done', kind, taskId, conflicts });
    if (!stops) mine.push(taskId);
  }
};

if (process.argv[1] === import.meta.filename) {
  const [, , name = 'writer', rounds = '10'] = process.argv;
  await write(name, Number(rounds));
}
