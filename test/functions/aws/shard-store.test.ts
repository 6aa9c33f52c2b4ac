import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ShardRead, VersionNotVisible } from '../../../functions/aws/shard-reader.ts';
import { createShardStore, OutOfTime, ShardFull, type ShardStore } from '../../../functions/aws/shard-store.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import {
  applyChanges,
  EMPTY_SHARD,
  type Shard,
  STOP_MEMORY_SECONDS,
} from '../../../functions/discovery/shard/shard.ts';
import { decodeShard, EMPTY_SHARD_DOCUMENT, encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { type VirtualClock, virtualClock } from '../../factories/clock.ts';
import { type FakeParameters, fakeParameters } from '../../factories/parameters.ts';
import { awsError } from '../../factories/senders.ts';
import { contentOf, noise, OBSERVED, shardOf, stop, stopped, targets, upsert } from '../../factories/shards.ts';
import { idOf } from '../../factories/tasks.ts';

const SETTINGS = { deployment: 'discovery', shardTier: 'Standard' } as const;
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
const ofLife = (base: number, life: string): string => document(base, { ...shardOf([targets(9)]), life });
const updateWith = (decide: (read: ShardRead) => Promise<Shard | undefined>, deadline = clock.now() + 30_000) =>
  store.update('prod', 0, decide, deadline);
const contentIn = (read: ShardRead): Shard => (read.kind === 'shard' ? read.shard : EMPTY_SHARD);
const update = (...changes: TaskChange[]) => updateWith(async (read) => applyChanges(contentIn(read), changes));
const read = async (): Promise<ShardRead> => (await store.read('prod', [0])).get(0) as ShardRead;
/** Numbers of the tasks that the shard offers. */
const offered = async (): Promise<number[]> => {
  const found = await read();
  return found.kind === 'shard' ? [...found.shard.tasks.keys()].map((id) => Number.parseInt(id, 16)) : [];
};
const stored = () => decodeShard(parameters.current(NAME) ?? '');
/** Somebody else writes, once, just before the next put of ours arrives. */
const overtake = (...texts: string[]): void => {
  parameters.beforePut = () => {
    parameters.beforePut = undefined;
    for (const text of texts) parameters.write(NAME, text);
  };
};

describe('reading shards', () => {
  it('asks for all of them at once and answers by number', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    parameters.write(shardParameterName('discovery', 'prod', 2), EMPTY_SHARD_DOCUMENT);
    const found = await store.read('prod', [0, 1, 2]);
    expect([...found.keys()]).toEqual([0, 1, 2]);
    expect(found.get(0)).toEqual({ kind: 'shard', newest: 1, version: 1, shard: shardOf([targets(1)]) });
    expect(found.get(1)).toEqual({ kind: 'missing', newest: 0, parameter: '/discovery/prod/targets/1' });
    expect(found.get(2)).toEqual({ kind: 'shard', newest: 1, version: 1, shard: EMPTY_SHARD });
    expect(parameters.gets).toHaveLength(1);
  });

  const counts = document(1, shardOf([targets(1)]));
  it.each<[string, string]>([
    ['the write of somebody who lost a race', document(1, shardOf([targets(9)]))],
    ['a write that comes long after its time', document(0, shardOf([targets(9)]))],
    ['the empty document of a deployment', EMPTY_SHARD_DOCUMENT],
    ['text of a person', 'hello'],
    ['nothing', ''],
    ['a document that is ahead of its time', document(7, shardOf([targets(9)]))],
  ])('passes over %s', async (_, text) => {
    for (const value of [EMPTY_SHARD_DOCUMENT, counts, text]) parameters.write(NAME, value);
    expect(await read()).toEqual({ kind: 'shard', newest: 3, version: 2, shard: shardOf([targets(1)]) });
  });

  it('says where no version counts', async () => {
    for (const value of ['hello', EMPTY_SHARD_DOCUMENT]) parameters.write(NAME, value);
    expect(await read()).toEqual({ kind: 'missing', newest: 2, parameter: NAME });
  });

  it('goes back as far as SSM does', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    for (let count = 0; count < 99; count += 1) parameters.write(NAME, 'hello');
    expect(await read()).toMatchObject({ kind: 'shard', newest: 100, version: 1 });
    parameters.write(NAME, 'hello');
    expect(await read()).toMatchObject({ kind: 'missing', newest: 101 });
  });

  it('waits for an earlier version that SSM does not show yet', async () => {
    for (const value of [EMPTY_SHARD_DOCUMENT, counts, 'hello']) parameters.write(NAME, value);
    parameters.hidden.add(`${NAME}:2`);
    const { sleep } = clock;
    clock.sleep = async (milliseconds) => {
      if (clock.slept.length === 3) parameters.hidden.clear();
      await sleep(milliseconds);
    };
    expect(await offered()).toEqual([1]);
  });

  it('fails rather than pass over a version that may count', async () => {
    for (const value of [EMPTY_SHARD_DOCUMENT, counts, 'hello']) parameters.write(NAME, value);
    parameters.hidden.add(`${NAME}:2`);
    await expect(read()).rejects.toThrow(VersionNotVisible);
    await expect(read()).rejects.toThrow(`version 2 of ${NAME} cannot be read yet: try again in a few seconds`);
  });

  it.each<[string, readonly string[]]>([
    ['names a version that was not there yet', [EMPTY_SHARD_DOCUMENT, counts, document(3, shardOf([targets(9)]))]],
    ['names another life', [EMPTY_SHARD_DOCUMENT, ofLife(1, 'new'), ofLife(1, 'old')]],
  ])('trusts what is below a version that %s once no read can show an earlier life', async (_, texts) => {
    for (const text of texts) parameters.write(NAME, text);
    parameters.writtenAt = clock.now();
    clock.advance(29_000);
    await expect(read()).rejects.toThrow(VersionNotVisible);
    await expect(read()).rejects.toThrow(
      `${NAME} may have been created again, and a read may still show a version from before: try again in 30 seconds`,
    );
    clock.advance(1000);
    expect(await read()).toMatchObject({ kind: 'shard', newest: 3, version: 2 });
  });

  it.each([
    ['the write of somebody who lost a race', ofLife(1, 'same')],
    ['text of a person', 'hello'],
    ['the empty document of a deployment', EMPTY_SHARD_DOCUMENT],
  ])('trusts what is below %s at once', async (_, text) => {
    for (const value of [EMPTY_SHARD_DOCUMENT, ofLife(1, 'same'), text]) parameters.write(NAME, value);
    parameters.writtenAt = clock.now();
    expect(await read()).toMatchObject({ kind: 'shard', newest: 3, version: 2 });
    expect(await update(upsert(2))).toMatchObject({ version: 4, written: true });
  });
});

describe('changing a shard', () => {
  it('writes once for all changes, and names the version it started from', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    expect(await update(upsert(1), upsert(2))).toMatchObject({ version: 2, written: true, refused: [], races: 0 });
    expect(stored()).toMatchObject({ base: 1, shard: shardOf([targets(1), targets(2)]) });
    expect(parameters.puts).toEqual([NAME]);
  });

  it('keeps the name of the life of the parameter', async () => {
    for (const text of [EMPTY_SHARD_DOCUMENT, ofLife(1, 'other')]) parameters.write(NAME, text);
    await update(upsert(2));
    expect(stored().shard.life).toBe('other');
  });

  it('names a life where no version counts after the newest one, and leaves the first version without', async () => {
    parameters.writtenAt = Date.parse('2026-11-26T08:00:00Z');
    await update(upsert(1));
    expect(stored().shard.life).toBeUndefined();
    parameters.remove(NAME);
    parameters.write(NAME, 'hello');
    clock.advance(60_000);
    await update(upsert(1));
    expect(stored().shard.life).toBe('mwx9ibk0');
  });

  it('calls the life of a parameter that was only created after the time of that, and keeps that name', async () => {
    parameters.writtenAt = Date.parse('2026-11-26T08:00:00Z');
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    const name = 'mwx9ibk0';
    expect(await read()).toMatchObject({ shard: { life: name } });
    parameters.write(NAME, 'hello');
    expect(await read()).toMatchObject({ version: 1, shard: { life: name } });
    clock.advance(Date.parse('2026-11-26T08:01:00Z') - clock.now());
    await update(upsert(1));
    expect(stored().shard.life).toBe(name);
  });

  it('writes nothing when nothing is to be done', async () => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
    const unchanged = { written: false, version: 1, fullness: 0, refused: [], shard: shardOf([targets(1)]) };
    expect(await updateWith(async () => undefined)).toMatchObject(unchanged);
    expect(parameters.puts).toEqual([]);
  });

  it('creates a parameter that does not exist, and goes on where no version counts', async () => {
    expect(await update(upsert(1))).toMatchObject({ version: 1, written: true });
    for (const value of ['hello', EMPTY_SHARD_DOCUMENT]) parameters.write(NAME, value);
    expect(await update(upsert(2))).toMatchObject({ version: 4, written: true });
    expect(await offered()).toEqual([1, 2]);
  });

  it('forgets a stop with the next write after its time', async () => {
    parameters.write(NAME, document(0, shardOf([], { [idOf(1)]: stopped(OBSERVED) })));
    clock.advance((STOP_MEMORY_SECONDS - 11) * 1000);
    await update(upsert(2));
    expect([...stored().shard.removed.keys()]).toEqual([idOf(1)]);
    clock.advance(1000);
    await update(upsert(3));
    expect(stored().shard.removed.size).toBe(0);
  });

  it('says how full the parameter is, in bytes', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    const { fullness } = await update(upsert(1, { labels: { job: '日本'.repeat(200) } }));
    const bytes = Buffer.byteLength(parameters.current(NAME) ?? '');
    expect(fullness).toBe(Math.round((100 * bytes) / 4096));
  });
});

describe('two writers', () => {
  beforeEach(() => {
    parameters.write(NAME, document(0, shardOf([targets(1)])));
  });

  it('both write: the one that came second reads what the first wrote, and writes again', async () => {
    overtake(document(1, shardOf([targets(1), targets(9)])));
    expect(await update(upsert(2))).toMatchObject({ version: 4, written: true, races: 1 });
    expect(stored().base).toBe(3);
    expect(await offered()).toEqual([1, 2, 9]);
  });

  it('do not bring back a task that the other one stopped', async () => {
    overtake(document(1, shardOf([], { [idOf(1)]: stopped() })));
    const { shard } = await update(upsert(1, { version: 9, address: '10.9.9.9' }));
    expect([...shard.tasks.keys()]).toEqual([]);
    expect(await read()).toMatchObject({ shard: { removed: new Map([[idOf(1), stopped()]]) } });
  });

  it('whose change the other one made write no more', async () => {
    overtake(document(1, shardOf([targets(1), targets(2)])));
    const done = await updateWith(async (it) =>
      it.kind === 'shard' && !it.shard.tasks.has(idOf(2)) ? applyChanges(it.shard, [upsert(2)]) : undefined,
    );
    expect(done).toMatchObject({ written: false, races: 1 });
    expect(parameters.puts).toHaveLength(1);
    expect(await offered()).toEqual([1, 2]);
  });

  it('do not build on a read that lags behind their own write', async () => {
    overtake(document(1, shardOf([targets(1), targets(9)])));
    parameters.lag = { versions: 0, reads: 1 };
    const { sleep } = clock;
    clock.sleep = async (milliseconds) => {
      clock.sleep = sleep;
      parameters.lag = { versions: 2, reads: 3 };
      await sleep(milliseconds);
    };
    expect(await update(upsert(2))).toMatchObject({ version: 4, written: true, races: 1 });
    expect(parameters.puts).toHaveLength(2);
  });

  it('stop rather than fill the parameter with versions that do not count, when reads do not catch up', async () => {
    overtake(document(1, shardOf([targets(1), targets(9)])));
    parameters.beforeGet = () => {
      if (parameters.puts.length > 0) parameters.lag = { versions: 2, reads: 1 };
    };
    await expect(update(upsert(2))).rejects.toThrow(VersionNotVisible);
    expect(parameters.puts).toHaveLength(1);
  });

  it('go on after a deployment has put the empty document in place', async () => {
    overtake(EMPTY_SHARD_DOCUMENT);
    expect(await update(upsert(2))).toMatchObject({ version: 4, races: 1 });
    expect(await offered()).toEqual([1, 2]);
  });

  it('of which one is answered a number that is too low wait until no read shows the life before', async () => {
    await update(upsert(2));
    parameters.beforePut = () => {
      parameters.beforePut = undefined;
      parameters.remove(NAME);
      parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    };
    await expect(update(upsert(3))).rejects.toThrow(VersionNotVisible);
    clock.advance(29_000);
    await expect(update(upsert(3))).rejects.toThrow(VersionNotVisible);
    expect(parameters.version(NAME)).toBe(2);
    clock.advance(1000);
    expect(await update(upsert(3))).toMatchObject({ version: 3, written: true });
    expect(await offered()).toEqual([3]);
  });

  it('give the life of their parameter the same name, and lose no time', async () => {
    const name = shardParameterName('discovery', 'prod', 1);
    parameters.now = () => clock.now();
    parameters.write(name, EMPTY_SHARD_DOCUMENT);
    const began = clock.now();
    await Promise.all(
      [store, createShardStore(parameters, SETTINGS, clock)].map((it, number) =>
        it.update('prod', 1, async (read) => applyChanges(contentIn(read), [upsert(number)]), began + 10_000),
      ),
    );
    const lives = [2, 3, 4].map((version) => decodeShard(parameters.at(name, version) ?? '').shard.life);
    expect(new Set(lives)).toEqual(new Set([began.toString(36)]));
  });
});

describe('a process that has written', () => {
  it('does not take an older state for the current one', async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update(upsert(1));
    parameters.lag = { versions: 1, reads: 2 };
    const seen: number[] = [];
    await updateWith(async ({ newest }) => {
      seen.push(newest);
      return undefined;
    });
    expect(seen).toEqual([2]);
  });

  it('believes a lower version after a while: the parameter was deleted and created again', async () => {
    for (const number of [1, 2, 3]) await update(upsert(number));
    parameters.remove(NAME);
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    expect(await update(upsert(4))).toMatchObject({ version: 2, written: true });
    expect(await offered()).toEqual([4]);
  });

  it('has to wait for that once', async () => {
    for (const number of [1, 2, 3]) await update(upsert(number));
    parameters.remove(NAME);
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await updateWith(async () => undefined);
    const pauses = clock.slept.length;
    await update(upsert(5));
    expect(clock.slept.slice(pauses).filter((pause) => pause > 100)).toEqual([]);
  });
});

describe('a put', () => {
  beforeEach(() => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
  });

  it.each(['TooManyUpdates', 'ThrottlingException'])('that %s refuses is sent again, more slowly', async (name) => {
    let refusals = 3;
    parameters.beforePut = () => {
      if (refusals-- > 0) throw awsError(name);
    };
    expect(await update(upsert(1))).toMatchObject({ version: 2, throttles: 3, races: 0 });
    expect(clock.slept.map(Math.round)).toEqual([140, 196, 274]);
  });

  it('that is taken lets the next one go a little sooner', async () => {
    let refusals = 3;
    parameters.beforePut = () => {
      if (refusals-- > 0) throw awsError('ThrottlingException');
    };
    for (const number of [1, 2, 3, 4]) await update(upsert(number));
    expect(clock.slept.slice(3).map(Math.round)).toEqual([206, 175, 149]);
  });

  it('that fails for another reason is not', async () => {
    parameters.beforePut = () => {
      throw awsError('AccessDeniedException', 'no ssm:PutParameter');
    };
    await expect(update(upsert(1))).rejects.toThrow('no ssm:PutParameter');
    expect(parameters.puts).toEqual([]);
  });

  it('is not sent after the deadline', async () => {
    parameters.fate = () => 'throttled';
    const deadline = clock.now() + 30_000;
    const decide = async () => shardOf([targets(1)]);
    await expect(updateWith(decide, deadline)).rejects.toThrow(OutOfTime);
    await expect(updateWith(decide, deadline)).rejects.toThrow(`${NAME} could not be written in time`);
    expect(clock.now()).toBeGreaterThanOrEqual(deadline);
    expect(parameters.current(NAME)).toBe(EMPTY_SHARD_DOCUMENT);
  });

  it('that was made but not answered is found by the next read', async () => {
    parameters.fate = () => 'unheard';
    const done = await updateWith(async (it) =>
      it.kind === 'shard' && it.shard.tasks.size > 0 ? undefined : shardOf([targets(1)]),
    );
    expect(done).toMatchObject({ written: false, version: 2 });
    expect(await offered()).toEqual([1]);
  });

  it('that was lost is sent again', async () => {
    const fates = ['lost', 'made'] as const;
    parameters.fate = () => fates[parameters.puts.length] ?? 'made';
    expect(await update(upsert(1))).toMatchObject({ version: 2, written: true, races: 1 });
  });

  it('that lands late changes nothing once somebody else has written', async () => {
    const fates = ['late', 'made'] as const;
    parameters.fate = () => fates[parameters.puts.length] ?? 'made';
    await update(upsert(1));
    await update(stop(1), upsert(2));
    parameters.land();
    expect(await read()).toMatchObject({ newest: 4, version: 3 });
    expect(await offered()).toEqual([2]);
  });

  it('that lands between the read and the next put is noticed by it', async () => {
    const fates = ['late', 'made'] as const;
    parameters.fate = () => fates[parameters.puts.length] ?? 'made';
    parameters.beforePut = () => parameters.puts.length === 1 && parameters.land();
    expect(await update(upsert(1))).toMatchObject({ version: 4, written: true, races: 2 });
    expect(await offered()).toEqual([1]);
  });
});

describe('a full shard', () => {
  const wide = (number: number, bytes: number): TaskChange => upsert(number, { labels: { job: noise(number, bytes) } });
  const grown = upsert(1, { version: 2, labels: { job: noise(7, 6000) } });

  beforeEach(async () => {
    parameters.write(NAME, EMPTY_SHARD_DOCUMENT);
    await update(wide(1, 1000));
  });

  it('takes what fits and names what does not; nothing that is in it goes', async () => {
    const { refused, shard } = await update(...[2, 3, 4, 5].map((number) => wide(number, 1000)));
    expect(refused.length).toBeGreaterThan(0);
    expect(shard.tasks.has(idOf(1))).toBe(true);
    expect(shard.tasks.size).toBe(5 - refused.length);
    expect(contentOf(stored().shard)).toEqual(contentOf(shard));
  });

  it('is not written for what does not fit, however often that is tried', async () => {
    expect(await update(wide(2, 6000))).toMatchObject({ version: 2, refused: [idOf(2)], written: false });
    expect(await update(grown)).toMatchObject({ version: 2, refused: [idOf(1)], written: false });
    expect(parameters.version(NAME)).toBe(2);
  });

  it('is written for what does not fit where its newest version does not count', async () => {
    parameters.write(NAME, 'hello');
    expect(await update(wide(2, 6000))).toMatchObject({ version: 4, refused: [idOf(2)], written: true });
    expect(await read()).toMatchObject({ newest: 4, version: 4 });
    expect(await offered()).toEqual([1]);
  });

  it('still takes a stop, and what fits beside a task that grows too large', async () => {
    await update(wide(2, 100));
    const { shard, refused } = await update(grown, stop(2), wide(3, 100));
    expect(refused).toEqual([idOf(1)]);
    expect([...shard.tasks.values()].map((it) => it.targets.version)).toEqual([1, 1]);
    expect([...shard.tasks.keys()]).toEqual([idOf(1), idOf(3)]);
  });

  it('that does not fit even as it is says what to do', async () => {
    const memories = Array.from({ length: 200 }, (_, number) =>
      stop(number + 2, { taskId: noise(number, 60) as never }),
    );
    await expect(update(...memories)).rejects.toThrow(ShardFull);
    await expect(update(...memories)).rejects.toThrow(
      `${NAME} is over its 4096 bytes: raise the setting "shards", deploy, and run resync`,
    );
  });

  it('holds twice as much in the advanced tier', async () => {
    store = createShardStore(parameters, { ...SETTINGS, shardTier: 'Advanced' }, clock);
    expect(await update(wide(2, 4500))).toMatchObject({ refused: [], written: true });
  });
});
