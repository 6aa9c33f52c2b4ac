/**
 * The compare-and-set of shard-store.ts against everything that SSM and people do to a parameter: several writers and a
 * reader at once, in any order of their requests and answers.
 */
import { describe, expect, it } from '@jest/globals';
import type { ParameterReader, Parameters } from '../../../functions/aws/parameters.ts';
import { createShardReader, type ShardRead } from '../../../functions/aws/shard-reader.ts';
import { createShardStore } from '../../../functions/aws/shard-store.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { isNewer } from '../../../functions/discovery/change/order.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import { applyChanges, EMPTY_SHARD, knownStamp } from '../../../functions/discovery/shard/shard.ts';
import { decodeShard, EMPTY_SHARD_DOCUMENT, encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { type FakeParameters, fakeParameters, type PutFate } from '../../factories/parameters.ts';
import { contentOf, OBSERVED, stop, upsert } from '../../factories/shards.ts';
import { type TimedClock, timedClock } from '../../factories/timed-clock.ts';
import fc from '../../fast-check.ts';

const NAME = shardParameterName('discovery', 'prod', 0);
const SETTINGS = { deployment: 'discovery', shardTier: 'Advanced' } as const;
/**
 * Versions that there are at first: more than a run writes, so that a parameter that is deleted and created again does not
 * come to a number that somebody still holds. Without that the numbers prove nothing; see shard-store.ts.
 */
const BEFORE = 150;
/** Milliseconds that an update may take. */
const TIME = 8000;

const documentOf = (base: number): string => encodeShard({ base, shard: EMPTY_SHARD }, 8192) as string;

/** What happens to the parameter from outside. `recreated` ends what was promised before. */
type Event = 'reset' | 'by hand' | 'copied back' | 'landed' | 'recreated';

const event = fc.constantFrom<Event>('reset', 'by hand', 'copied back', 'landed', 'recreated');
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<PutFate>('made') },
  { weight: 3, arbitrary: fc.constantFrom<PutFate>('throttled', 'lost', 'unheard', 'late') },
);
const story = fc.record({
  events: fc.array(event, { maxLength: 6 }).filter((all) => all.filter((it) => it === 'recreated').length < 2),
  fates: fc.array(fate, { maxLength: 20 }),
  seed: fc.nat(),
  /** Longest way of a request, and of its answer, in milliseconds. */
  latency: fc.constantFrom(40, 200, 2000),
  /** How many versions a read is behind. */
  lags: fc.array(fc.constantFrom(0, 0, 0, 1, 2, 5), { maxLength: 30 }),
  /** Whether an earlier version is not visible yet. */
  hidden: fc.array(fc.boolean(), { maxLength: 10 }),
  /** Whether each writer also stops what it added. */
  stops: fc.array(fc.boolean(), { minLength: 2, maxLength: 4 }),
});
type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

/** One run: who was promised what, and whether it was kept. */
class Run {
  readonly ssm: FakeParameters = fakeParameters();
  readonly clock: TimedClock;
  readonly #story: Story;
  /** Changes of which `update` said that they are written, since the parameter was created last. */
  #promised: TaskChange[] = [];
  #life = 0;

  constructor(given: Story) {
    // Each run takes from the lists, and fast-check may show them later.
    this.#story = { ...given, fates: [...given.fates], lags: [...given.lags], hidden: [...given.hidden] };
    this.clock = timedClock(given.seed);
    for (const text of FIRST) this.ssm.write(NAME, text);
    this.ssm.fate = () => this.#story.fates.shift() ?? 'made';
  }

  /** A request arrives at some time, and its answer at some later time. */
  async #request<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    await this.#way();
    const given = await answer().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await this.#way();
    return given();
  }

  readonly #way = (): Promise<void> => this.clock.sleep(this.clock.random() * this.#story.latency);

  #fresh(): ParameterReader {
    return {
      get: (names) => this.#request(() => this.ssm.get(names)),
      getVersion: (name, version) =>
        this.#request(async () => (this.#story.hidden.shift() ? undefined : await this.ssm.getVersion(name, version))),
    };
  }

  #lagging(): Parameters {
    return {
      ...this.#fresh(),
      get: (names) =>
        this.#request(() => {
          this.ssm.lag = { versions: this.#story.lags.shift() ?? 0, reads: 1 };
          return this.ssm.get(names);
        }),
      put: (name, value) => this.#request(() => this.ssm.put(name, value)),
    };
  }

  /** Writes changes of tasks of its own, one after the other. */
  async write(changes: readonly TaskChange[]): Promise<void> {
    const store = createShardStore(this.#lagging(), SETTINGS, this.clock);
    for (const change of changes) {
      const decide = async (read: ShardRead) =>
        applyChanges(read.kind === 'shard' ? read.shard : EMPTY_SHARD, [change]);
      const began = this.#life;
      const done = await store.update('prod', 0, decide, this.clock.now() + TIME).catch(() => undefined);
      if (done?.written && began === this.#life) this.#promised.push(change);
    }
  }

  /** Reads again and again; what was promised before a read began is in it. */
  async watch(times: number): Promise<void> {
    const reader = createShardReader(this.#fresh(), 'discovery', this.clock);
    for (let count = 0; count < times; count += 1) {
      const [promised, life] = [[...this.#promised], this.#life];
      const read = await reader.read('prod', [0]).catch(() => undefined);
      if (read && life === this.#life) this.judge(read.get(0) as ShardRead, promised);
    }
  }

  judge(read: ShardRead, promised = this.#promised): void {
    const shard = read.kind === 'shard' ? read.shard : EMPTY_SHARD;
    const isHeld = (change: TaskChange): boolean => {
      // Its memory of a stop may have ended.
      if (change.kind === 'stop') return !shard.tasks.has(change.taskId);
      const known = knownStamp(shard, change.taskId);
      return known !== undefined && !isNewer(change, known);
    };
    expect(promised.filter((change) => !isHeld(change))).toEqual([]);
  }

  async happen(all: readonly Event[]): Promise<void> {
    for (const one of all) {
      await this.clock.sleep(this.clock.random() * 2000);
      const version = this.ssm.version(NAME);
      if (one === 'reset') this.ssm.write(NAME, EMPTY_SHARD_DOCUMENT);
      if (one === 'by hand') this.ssm.write(NAME, 'hello');
      if (one === 'copied back') {
        this.ssm.write(NAME, (await this.ssm.getVersion(NAME, version - 1))?.value ?? documentOf(version + 20));
      }
      if (one === 'landed') this.ssm.land();
      if (one === 'recreated') {
        this.ssm.remove(NAME);
        this.ssm.write(NAME, EMPTY_SHARD_DOCUMENT);
        this.#promised = [];
        this.#life += 1;
      }
    }
  }

  /** The newest version that counts, found the long way. */
  newestThatCounts(): number {
    for (let version = this.ssm.version(NAME); version > 0; version -= 1) {
      const [text, base] = [this.ssm.at(NAME, version) ?? '', version - 1];
      if (text !== 'hello' && decodeShard(text).base === base) return version;
    }
    return 0;
  }
}

/** What the parameter has been through. */
const FIRST = Array.from({ length: BEFORE }, (_, base) => documentOf(base));

/** Two tasks of each writer, and what becomes of them. */
const changesOf = (writer: number, stops: boolean): TaskChange[] => {
  const [first, second] = [2 * writer + 1, 2 * writer + 2];
  return stops
    ? [upsert(first), upsert(second), stop(first, { observed: OBSERVED + 1 })]
    : [upsert(first), upsert(second)];
};

describe('several writers of one shard, whatever SSM and people do to it', () => {
  it('lose nothing that was written, and readers see it from then on', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (given) => {
        const run = new Run(given);
        const writers = given.stops.map((stops, writer) => run.write(changesOf(writer, stops)));
        await run.clock.run(Promise.all([...writers, run.watch(6), run.happen(given.events)]));
        run.ssm.land();
        const reader = createShardReader(run.ssm, 'discovery', run.clock);
        const last = (await run.clock.run(reader.read('prod', [0]))).get(0) as ShardRead;
        run.judge(last);
        const version = run.newestThatCounts();
        if (last.kind === 'missing') return expect(version).toBe(0);
        expect(last.version).toBe(version);
        expect(contentOf(last.shard)).toEqual(contentOf(decodeShard(run.ssm.at(NAME, version) ?? '').shard));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('all come to write while nothing disturbs them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.nat(), async (writers, seed) => {
        const run = new Run({ events: [], fates: [], lags: [], hidden: [], stops: [], seed, latency: 40 });
        const all = Array.from({ length: writers }, (_, writer) => run.write(changesOf(writer, true)));
        await run.clock.run(Promise.all(all));
        const reader = createShardReader(run.ssm, 'discovery', run.clock);
        expect((await reader.read('prod', [0])).get(0)).toMatchObject({
          shard: { tasks: { size: writers }, removed: { size: writers } },
        });
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
