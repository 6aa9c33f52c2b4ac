import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  createShardStore,
  ShardFull,
  ShardMissing,
  type ShardRead,
  type ShardStore,
  StaleObservation,
} from '../../../functions/aws/shard-store.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import {
  applyChanges,
  mergeShards,
  type Shard,
  type ShardChange,
  STOP_MEMORY_SECONDS,
} from '../../../functions/discovery/shard/shard.ts';
import {
  decodeShard,
  EMPTY_SHARD_DOCUMENT,
  encodeShard,
  PARAMETER_BYTES,
  UnreadableShard,
} from '../../../functions/discovery/shard/shard-codec.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import { type VirtualClock, virtualClock } from '../../factories/clock.ts';
import { type FakeParameters, fakeParameters } from '../../factories/parameters.ts';
import { awsError } from '../../factories/senders.ts';
import { contentOf, noise, observedChange, shardOf, targets } from '../../factories/shards.ts';
import { idOf } from '../../factories/tasks.ts';

const SETTINGS = { deployment: 'discovery', shardTier: 'Standard' } as const;
/** For writers who race: however long they do, no memory of theirs ends. */
const STILL = { now: () => 1_000_000, sleep: async () => {}, random: () => 0 };
const NAME = shardParameterName('discovery', 'prod', 0);

let parameters: FakeParameters;
let clock: VirtualClock;
let store: ShardStore;

beforeEach(() => {
  parameters = fakeParameters();
  clock = virtualClock();
  store = createShardStore(parameters, SETTINGS, clock);
});

const document = (base: number, shard: Shard): string => encodeShard({ base, shard }, 4096) as string;
const upsert = (...numbers: number[]): ShardChange[] =>
  numbers.map((number) => ({ kind: 'upsert', targets: targets(number) }));
const stop = (number: number): ShardChange => ({ kind: 'stop', taskId: idOf(number) });
const byId = (a: TaskTargets, b: TaskTargets): number => (a.taskId < b.taskId ? -1 : 1);
const soon = () => ({ deadline: clock.now() + 30_000 });
const update = (changes: readonly ShardChange[], options: object = {}) =>
  store.update('prod', 0, changes, { ...soon(), ...options });
const read = async (): Promise<ShardRead> => (await store.read('prod', [0])).get(0) as ShardRead;
const readShard = async (): Promise<Shard> => {
  const found = await read();
  if (found.kind !== 'shard') throw new Error(`the shard is ${found.kind}`);
  return found.shard;
};
/** The state that the parameter itself holds, without a look at what it overwrote. */
const stored = () => decodeShard(parameters.current(NAME) ?? '');

describe('reading shards', () => {
  it('asks for all of them at once and answers by number', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    parameters.write(shardParameterName('discovery', 'prod', 2), EMPTY_SHARD_DOCUMENT);
    const found = await store.read('prod', [0, 1, 2]);
    expect([...found.keys()]).toEqual([0, 1, 2]);
    expect(found.get(0)).toEqual({ kind: 'shard', version: 1, shard: shardOf([targets(1)]), settled: true });
    expect(found.get(1)).toEqual({ kind: 'missing', parameter: '/discovery/prod/targets/1' });
    expect(found.get(2)).toMatchObject({ kind: 'shard', version: 1, settled: true });
    expect(parameters.gets).toHaveLength(1);
  });

  it('says which parameter it cannot read', async () => {
    parameters.write(NAME, 'hello');
    expect(await read()).toMatchObject({ kind: 'unreadable', parameter: NAME, version: 1 });
  });

  it('shows both of two racing writes, before anybody repaired them', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.write(NAME, document(1, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([targets(2)], { [idOf(3)]: 5 })));
    const found = await read();
    expect(found).toMatchObject({ kind: 'shard', version: 3, settled: false });
    expect(contentOf(await readShard())).toEqual(contentOf(shardOf([targets(1), targets(2)], { [idOf(3)]: 5 })));
  });

  it('goes back no further than the version that somebody has merged already', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([])));
    parameters.write(NAME, document(2, shardOf([targets(2)])));
    parameters.write(NAME, document(2, shardOf([targets(3)])));
    expect([...(await readShard()).tasks.keys()]).toEqual([idOf(2), idOf(3)]);
  });

  it('brings back nothing that an overwritten version had taken out on purpose', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.write(NAME, document(1, shardOf([targets(1)])));
    parameters.write(NAME, document(2, shardOf([targets(2)])));
    parameters.write(NAME, document(1, shardOf([targets(3)])));
    expect([...(await readShard()).tasks.keys()]).toEqual([idOf(2), idOf(3)]);
  });

  it('waits for an overwritten version that SSM does not show yet', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.write(NAME, document(1, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([targets(2)])));
    parameters.hidden.add(`${NAME}:2`);
    const { sleep } = clock;
    clock.sleep = async (milliseconds) => {
      if (clock.slept.length === 3) parameters.hidden.clear();
      await sleep(milliseconds);
    };
    expect((await readShard()).tasks.size).toBe(2);
  });

  it('is unreadable, not short of a task, when the overwritten version is gone', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.write(NAME, document(1, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([targets(2)])));
    parameters.hidden.add(`${NAME}:2`);
    expect(await read()).toMatchObject({
      kind: 'unreadable',
      error: { message: `version 2 of ${NAME}, which a racing writer overwrote, is gone` },
    });
  });
});

describe('changing a shard', () => {
  it('writes once for all changes, and names the version it started from', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    expect(await update(upsert(1, 2))).toMatchObject({ version: 2, written: true, refused: [], conflicts: 0 });
    expect(stored()).toEqual({ base: 1, shard: shardOf([targets(1), targets(2)]) });
    expect(parameters.puts).toEqual([NAME]);
  });

  it('writes nothing when the shard says so already', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)], { [idOf(2)]: 9_999_999_999 })));
    const again = await update([...upsert(1), stop(2)]);
    expect(again).toMatchObject({ version: 1, written: false });
    expect(parameters.puts).toEqual([]);
  });

  it('remembers a stop for a minute, and forgets it with the next write after that', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    await update([stop(1)]);
    const until = Math.ceil(clock.now() / 1000) + STOP_MEMORY_SECONDS;
    expect(stored().shard).toEqual(shardOf([], { [idOf(1)]: until }));
    clock.advance(STOP_MEMORY_SECONDS * 1000 - 1000);
    await update(upsert(2));
    expect(stored().shard.stopped.size).toBe(1);
    clock.advance(2000);
    await update(upsert(3));
    expect(stored().shard.stopped.size).toBe(0);
  });

  it('tells how full the parameter is, in bytes', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    const { fullness } = await update([
      { kind: 'upsert', targets: targets(1, { labels: { job: '日本'.repeat(200) } }) },
    ]);
    const bytes = Buffer.byteLength(parameters.current(NAME) ?? '');
    expect(fullness).toBe(Math.round((100 * bytes) / PARAMETER_BYTES.Standard));
  });
});

describe('two writers', () => {
  it('lose nothing: who overwrote the other sees it by the version, and writes both', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.write(NAME, document(1, shardOf([targets(9)])));
    };
    const done = await update(upsert(1));
    expect(done).toMatchObject({ version: 4, written: true, conflicts: 1 });
    expect(stored()).toEqual({ base: 3, shard: shardOf([targets(1), targets(9)]) });
  });

  it('do not bring back a task that the other one stopped', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1, { version: 1 })])));
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.write(NAME, document(1, shardOf([], { [idOf(1)]: clock.now() / 1000 + 60 })));
    };
    const moved = targets(1, { version: 9, address: '10.9.9.9' });
    const { shard } = await update([{ kind: 'upsert', targets: moved }]);
    expect(shard.tasks.size).toBe(0);
    expect((await readShard()).stopped.has(idOf(1))).toBe(true);
  });

  it('take nothing back that the other one changed and they only carried along', async () => {
    const carried = [targets(1), targets(2), targets(3)];
    parameters.write(NAME, document(0, shardOf(carried)));
    const retagged = targets(2, { targets: [{ port: 9000, labels: { __metrics_path__: '/metrics' } }] });
    parameters.write(NAME, document(1, shardOf([retagged, targets(3)])));
    parameters.write(NAME, document(1, shardOf([...carried, targets(4)])));
    const expected = contentOf(shardOf([retagged, targets(3), targets(4)]));
    expect(contentOf(await readShard())).toEqual(expected);

    expect(await update([])).toMatchObject({ version: 4, written: true });
    expect(contentOf(stored().shard)).toEqual(expected);
  });

  it('take nothing back either where both started from what others had raced for', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([targets(1), targets(2)])));
    parameters.write(NAME, document(1, shardOf([targets(1), targets(3)])));
    const all = [targets(1), targets(2), targets(3)];
    parameters.write(NAME, document(3, shardOf([targets(1), targets(3)])));
    parameters.write(NAME, document(3, shardOf([...all, targets(4)])));
    expect([...(await readShard()).tasks.keys()].sort()).toEqual([idOf(1), idOf(3), idOf(4)].sort());
  });

  it('whose common start is forgotten keep what either has', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1), targets(2)])));
    parameters.write(NAME, document(1, shardOf([targets(2)])));
    parameters.write(NAME, document(1, shardOf([targets(1), targets(2)])));
    parameters.hidden.add(`${NAME}:1`);
    expect([...(await readShard()).tasks.keys()].sort()).toEqual([idOf(1), idOf(2)].sort());
  });

  it('need no repair of a third: what one left half done the next one finishes', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.write(NAME, document(1, shardOf([targets(1)])));
    parameters.write(NAME, document(1, shardOf([targets(2)])));
    expect(await update([])).toMatchObject({ version: 4, written: true });
    expect(stored()).toEqual({ base: 3, shard: shardOf([targets(1), targets(2)]) });
  });

  it('whose write was repaired by somebody else write no more', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.write(NAME, document(1, shardOf([targets(9)])));
    };
    const { sleep } = clock;
    clock.sleep = async () => {
      clock.sleep = sleep;
      parameters.write(NAME, document(3, shardOf([targets(1), targets(9)])));
    };
    expect(await update(upsert(1))).toMatchObject({ version: 4, conflicts: 1 });
    expect(parameters.puts).toHaveLength(1);
  });

  it('do not take a read that lags behind for the state they have to repair', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.write(NAME, document(1, shardOf([targets(9)])));
      parameters.lag = { versions: 1, reads: 3 };
    };
    await update(upsert(1));
    expect(stored()).toEqual({ base: 3, shard: shardOf([targets(1), targets(9)]) });
    expect(parameters.puts).toHaveLength(2);
  });

  it('that create a missing parameter at once both get in', async () => {
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.write(NAME, document(0, shardOf([targets(9)])));
    };
    expect(await update(upsert(1), { create: true })).toMatchObject({ version: 3, conflicts: 1 });
    expect(stored().shard).toEqual(shardOf([targets(1), targets(9)]));
  });

  it('in any number, in any order, leave behind what all of them saw', async () => {
    const writer = fc.array(observedChange, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(writer, { minLength: 2, maxLength: 4 }), fc.scheduler(), async (writers, scheduler) => {
        const shared = fakeParameters();
        shared.write(NAME, EMPTY_SHARD_DOCUMENT);
        const scheduled = {
          get: scheduler.scheduleFunction(shared.get),
          getVersion: scheduler.scheduleFunction(shared.getVersion),
          put: scheduler.scheduleFunction(shared.put),
        };
        const observed = writers.map((changes) => changes.filter(({ kind }) => kind !== 'deselect'));
        const updates = observed.map((changes) =>
          createShardStore(scheduled, SETTINGS, STILL).update('prod', 0, changes, {
            deadline: Number.POSITIVE_INFINITY,
          }),
        );
        await scheduler.waitFor(Promise.all(updates));
        const alone = await Promise.all(
          observed.map(async (changes) => {
            const own = fakeParameters();
            own.write(NAME, EMPTY_SHARD_DOCUMENT);
            const options = { deadline: Number.POSITIVE_INFINITY };
            return (await createShardStore(own, SETTINGS, STILL).update('prod', 0, changes, options)).shard;
          }),
        );
        const result = (await createShardStore(shared, SETTINGS, STILL).read('prod', [0])).get(0);
        expect(result).toMatchObject({ kind: 'shard' });
        if (result?.kind !== 'shard') return;
        expect(contentOf(result.shard)).toEqual(contentOf(alone.reduce((a, b) => mergeShards(a, b))));
      }),
      { numRuns: 60 },
    );
  });

  it('that change tasks of their own leave behind what each of them wrote, deselections among it', async () => {
    const numbers = [1, 2, 3, 4, 5, 6];
    const change = (number: number) =>
      fc.constantFrom<ShardChange>(
        { kind: 'upsert', targets: targets(number, { address: '10.9.9.9' }) },
        { kind: 'upsert', targets: targets(number, { version: 2, address: '10.8.8.8' }) },
        { kind: 'deselect', taskId: idOf(number) },
        stop(number),
      );
    const rounds = fc.array(fc.tuple(...numbers.map(change)), { minLength: 1, maxLength: 2 });
    const forever = { deadline: Number.POSITIVE_INFINITY };
    const settings = { ...SETTINGS, shardTier: 'Advanced' } as const;
    await fc.assert(
      fc.asyncProperty(rounds, fc.scheduler(), async (all, scheduler) => {
        const start = shardOf(numbers.slice(0, 4).map((number) => targets(number)));
        const shared = fakeParameters();
        shared.write(NAME, document(0, start));
        const scheduled = {
          get: scheduler.scheduleFunction(shared.get),
          getVersion: scheduler.scheduleFunction(shared.getVersion),
          put: scheduler.scheduleFunction(shared.put),
        };
        const write = async (writer: number): Promise<void> => {
          const own = createShardStore(scheduled, settings, STILL);
          for (const round of all) {
            const mine = round.filter((_, index) => index % 3 === writer);
            await own.update('prod', 0, mine, forever);
          }
        };
        await scheduler.waitFor(Promise.all([0, 1, 2].map(write)));
        const wanted = all.reduce((shard, round) => applyChanges(shard, round, STILL.now() / 1000), start);
        const result = (await createShardStore(shared, settings, STILL).read('prod', [0])).get(0);
        const shard = result?.kind === 'shard' ? result.shard : undefined;
        expect([...(shard?.tasks.values() ?? [])].sort(byId)).toEqual([...wanted.tasks.values()].sort(byId));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a write that AWS refuses', () => {
  it.each(['TooManyUpdates', 'ThrottlingException'])('because of %s is tried again, ever later', async (name) => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    let refusals = 3;
    parameters.beforePut = () => {
      if (refusals-- > 0) throw awsError(name);
    };
    expect(await update(upsert(1))).toMatchObject({ version: 2, throttles: 3, conflicts: 0 });
    expect(clock.slept).toEqual([75, 150, 300]);
  });

  it('for another reason is not', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.beforePut = () => {
      throw awsError('AccessDeniedException', 'no ssm:PutParameter');
    };
    await expect(update(upsert(1))).rejects.toThrow('no ssm:PutParameter');
    expect(parameters.puts).toEqual([]);
    expect(clock.slept).toEqual([]);
  });

  it('until the observation behind it is too old is given up', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    parameters.beforePut = () => {
      throw awsError('ThrottlingException');
    };
    const { deadline } = soon();
    await expect(update(upsert(1), { deadline })).rejects.toThrow(StaleObservation);
    expect(clock.now()).toBeGreaterThanOrEqual(deadline);
    expect(parameters.current(NAME)).toBe(EMPTY_SHARD_DOCUMENT);
  });
});

describe('a shard that is not as it should be', () => {
  it('that is missing is made by resync only', async () => {
    await expect(update(upsert(1))).rejects.toThrow(ShardMissing);
    await expect(update(upsert(1))).rejects.toThrow(`parameter ${NAME} does not exist`);
    expect(parameters.puts).toEqual([]);
    expect(await update(upsert(1), { create: true })).toMatchObject({ version: 1, written: true });
    expect(await read()).toMatchObject({ kind: 'shard', version: 1, settled: true });
  });

  it('that cannot be read is left as it is until resync is forced to replace it', async () => {
    parameters.write(NAME, 'hello');
    await expect(update(upsert(1))).rejects.toThrow(UnreadableShard);
    await expect(update(upsert(1), { create: true })).rejects.toThrow('run resync with "force": true to rebuild it');
    expect(parameters.current(NAME)).toBe('hello');
    expect(await update(upsert(1), { create: true, replaceUnreadable: true })).toMatchObject({ version: 2 });
    expect(await read()).toMatchObject({ kind: 'shard', version: 2, settled: true });
  });

  it('that was made anew under a writer keeps what it has, whatever the writer started from', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1), targets(2)])));
    parameters.write(NAME, document(50, shardOf([targets(3)])));
    expect([...(await readShard()).tasks.keys()].sort()).toEqual([idOf(1), idOf(2), idOf(3)]);
  });

  it('that was deleted and made again goes on from its first version', async () => {
    parameters.write(NAME, document(41, shardOf([targets(1)])));
    expect(await update(upsert(2))).toMatchObject({ version: 2, written: true });
    expect(await read()).toMatchObject({ settled: true, shard: shardOf([targets(1), targets(2)]) });
  });
});

describe('a full shard', () => {
  const wide = (number: number, bytes: number): ShardChange => ({
    kind: 'upsert',
    targets: targets(number, { labels: { job: noise(number, bytes) } }),
  });

  it('takes what fits and names what does not; nothing that is in it goes', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update([wide(1, 1000)]);
    const { refused, shard } = await update([wide(2, 1000), wide(3, 1000), wide(4, 1000), wide(5, 1000)]);
    expect(shard.tasks.has(idOf(1))).toBe(true);
    expect(shard.tasks.size).toBe(5 - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(4);
    expect(stored().shard).toEqual(shard);
  });

  it('still takes a stop', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update([wide(1, 1000), wide(2, 1000), wide(3, 1000)]);
    const { shard, refused } = await update([stop(1), wide(4, 3900)]);
    expect([...shard.tasks.keys()]).toEqual([idOf(2), idOf(3)]);
    expect(shard.stopped.has(idOf(1))).toBe(true);
    expect(refused).toEqual([idOf(4)]);
  });

  it('that grows by a change of what is in it already is left as it is', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update([wide(1, 1000)]);
    const before = parameters.current(NAME);
    const grown: ShardChange = { kind: 'upsert', targets: targets(1, { version: 2, labels: { job: noise(7, 6000) } }) };
    expect(await update([grown])).toMatchObject({ refused: [idOf(1)], written: false });
    expect(parameters.current(NAME)).toBe(before);
  });

  it('is not written for what does not fit, however often that is tried', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update([wide(1, 3000)]);
    expect(await update([wide(2, 3000)])).toMatchObject({ version: 2, refused: [idOf(2)], written: false });
    expect(parameters.version(NAME)).toBe(2);
  });

  it('takes a stop and what fits beside a task that grows too large', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update([wide(1, 1000), wide(2, 100)]);
    const grown: ShardChange = { kind: 'upsert', targets: targets(1, { version: 2, labels: { job: noise(7, 6000) } }) };
    const { shard, refused } = await update([grown, stop(2), wide(3, 100)]);
    expect(refused).toEqual([idOf(1)]);
    expect(shard.tasks.get(idOf(1))?.version).toBe(1);
    expect([...shard.tasks.keys()]).toEqual([idOf(1), idOf(3)]);
    expect(stored().shard).toEqual(shard);
  });

  it('whose racing writers filled it together takes nothing but what makes it fit again', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    const both = [targets(1, { labels: { job: noise(1, 2500) } }), targets(2, { labels: { job: noise(2, 2500) } })];
    for (const one of both) parameters.write(NAME, document(1, shardOf([one])));
    await expect(update([wide(3, 100)])).rejects.toThrow(ShardFull);
    expect([...(await readShard()).tasks.keys()]).toEqual([idOf(1), idOf(2)]);
    expect((await update([stop(1)])).shard.tasks.size).toBe(1);
  });

  it('holds twice as much in the advanced tier', async () => {
    const advanced = createShardStore(parameters, { ...SETTINGS, shardTier: 'Advanced' }, clock);
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    expect(await update([wide(1, 6000)])).toMatchObject({ refused: [idOf(1)] });
    expect(await advanced.update('prod', 0, [wide(1, 6000)], soon())).toMatchObject({ refused: [] });
  });
});
