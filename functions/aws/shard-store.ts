/**
 * Shards in SSM, which has no compare-and-set.
 *
 * PutParameter answers with the version it made and earlier versions stay readable, so a document names the version
 * its writer started from (`base`). A version whose base is not its predecessor overwrote what it had not seen.
 * Whoever reads such a version reads what was overwritten, too, and merges (shard-history.ts); whoever writes next
 * writes the merged state. A writer that learns from the version it got back that it overwrote something repairs that
 * at once; if it dies before, the next reader does.
 */
import { backoff, type Clock } from '../discovery/clock.ts';
import { shardParameterName } from '../discovery/names.ts';
import {
  applyChanges,
  EMPTY_SHARD,
  forgetStops,
  type Shard,
  type ShardChange,
  sameShard,
} from '../discovery/shard/shard.ts';
import {
  decodeShard,
  encodeShard,
  PARAMETER_BYTES,
  type ParameterTier,
  UnreadableShard,
} from '../discovery/shard/shard-codec.ts';
import type { TaskId } from '../discovery/task/task.ts';
import { isThrottle } from './errors.ts';
import type { Parameters, ParameterValue } from './parameters.ts';
import { createShardHistory, READ_AGAIN, READ_ATTEMPTS } from './shard-history.ts';

export type ShardRead =
  /** `settled`: nothing had to be merged, the parameter holds exactly this. */
  | { readonly kind: 'shard'; readonly version: number; readonly shard: Shard; readonly settled: boolean }
  | { readonly kind: 'missing'; readonly parameter: string }
  | { readonly kind: 'unreadable'; readonly parameter: string; readonly version: number; readonly error: Error };

export interface ShardReader {
  /** The current state of some shards of a cluster, by shard number. */
  read(cluster: string, shards: readonly number[]): Promise<Map<number, ShardRead>>;
}

/** What made a write take longer. */
export interface Contention {
  /** How often another writer was overwritten and merged. */
  readonly conflicts: number;
  readonly throttles: number;
}

export interface ShardUpdate extends Contention {
  readonly version: number;
  readonly shard: Shard;
  /** What was found, before the changes were brought in. */
  readonly before: Shard;
  /** Whether anything had to be written. */
  readonly written: boolean;
  /** Tasks whose targets did not fit into the parameter; those that were in it are as they were. */
  readonly refused: readonly TaskId[];
  /** Bytes of the parameter that are used, in percent; 0 when nothing was written. */
  readonly fullness: number;
}

export interface UpdateOptions {
  /** Milliseconds since 1970 after which the observations behind the changes are too old to be written. */
  readonly deadline: number;
  /** For resync, which knows the whole shard: create a missing parameter … */
  readonly create?: boolean;
  /** … and replace one that cannot be read. */
  readonly replaceUnreadable?: boolean;
}

export interface ShardStore extends ShardReader {
  /**
   * Brings changes into a shard; nothing is written when they are in it already.
   *
   * @throws ShardMissing, UnreadableShard, ShardFull, or StaleObservation when the deadline passes first.
   */
  update(cluster: string, shard: number, changes: readonly ShardChange[], options: UpdateOptions): Promise<ShardUpdate>;
}

export class ShardMissing extends Error {
  override readonly name = 'ShardMissing';
}

export class ShardFull extends Error {
  override readonly name = 'ShardFull';
}

/** The changes could not be written while they were still known to be true; look at the tasks again. */
export class StaleObservation extends Error {
  override readonly name = 'StaleObservation';
  /** What it met with until then. */
  readonly contention: Contention;

  constructor(message: string, contention: Contention) {
    super(message);
    this.contention = contention;
  }
}

const WRITE_BACKOFF = { first: 150, longest: 3000 };

export function createShardStore(
  parameters: Parameters,
  settings: { readonly deployment: string; readonly shardTier: ParameterTier },
  clock: Clock,
): ShardStore {
  const limit = PARAMETER_BYTES[settings.shardTier];
  const nameOf = (cluster: string, shard: number): string => shardParameterName(settings.deployment, cluster, shard);

  async function interpret(parameter: string, found: ParameterValue | undefined): Promise<ShardRead> {
    if (!found) return { kind: 'missing', parameter };
    const { version } = found;
    try {
      const document = decodeShard(found.value);
      const history = createShardHistory(parameters, parameter, clock);
      const settled = document.base === version - 1;
      return { kind: 'shard', version, shard: await history.upTo(version, document), settled };
    } catch (error) {
      if (error instanceof UnreadableShard) return { kind: 'unreadable', parameter, version, error };
      throw error;
    }
  }

  async function readAtLeast(parameter: string, version: number): Promise<ShardRead> {
    for (let attempt = 0; ; attempt++) {
      const found = (await parameters.get([parameter])).get(parameter);
      if ((found?.version ?? 0) >= version || attempt === READ_ATTEMPTS) return interpret(parameter, found);
      await clock.sleep(backoff(clock, attempt, READ_AGAIN));
    }
  }

  return {
    async read(cluster, shards) {
      const names = shards.map((shard) => nameOf(cluster, shard));
      const found = await parameters.get(names);
      const reads = await Promise.all(names.map((name) => interpret(name, found.get(name))));
      return new Map(shards.map((shard, index) => [shard, reads[index] as ShardRead]));
    },

    async update(cluster, shardNumber, changes, options) {
      const parameter = nameOf(cluster, shardNumber);
      let conflicts = 0;
      let throttles = 0;
      let atLeast = 0;
      let before: Shard | undefined;
      for (let attempt = 0; ; attempt++) {
        const { version, shard, settled } = startingPoint(await readAtLeast(parameter, atLeast), options);
        before ??= shard;
        const now = clock.now() / 1000;
        const changed = applyChanges(shard, changes, Math.ceil(now));
        if (settled && sameShard(shard, changed)) {
          return { version, shard, before, written: false, refused: [], conflicts, throttles, fullness: 0 };
        }
        const fitted = fitInto(forgetStops(changed, now), shard, version, limit, parameter);
        const { refused } = fitted;
        if (settled && sameShard(shard, fitted.shard)) {
          return { version, shard, before, written: false, refused, conflicts, throttles, fullness: 0 };
        }
        if (clock.now() >= options.deadline) {
          const message = `${parameter} could not be written in time; it is tried again`;
          throw new StaleObservation(message, { conflicts, throttles });
        }
        try {
          const made = await parameters.put(parameter, fitted.text);
          if (made === version + 1) {
            return {
              version: made,
              shard: fitted.shard,
              before,
              written: true,
              refused,
              conflicts,
              throttles,
              fullness: Math.round((100 * Buffer.byteLength(fitted.text)) / limit),
            };
          }
          conflicts++;
          atLeast = made;
        } catch (error) {
          if (!isThrottle(error)) throw error;
          throttles++;
        }
        await clock.sleep(backoff(clock, attempt, WRITE_BACKOFF));
      }
    },
  };
}

/** What an update builds on: the shard as it is, or an empty one where resync may make it anew. */
function startingPoint(
  read: ShardRead,
  { create, replaceUnreadable }: UpdateOptions,
): { version: number; shard: Shard; settled: boolean } {
  switch (read.kind) {
    case 'shard':
      return read;
    case 'missing':
      if (create) return { version: 0, shard: EMPTY_SHARD, settled: false };
      throw new ShardMissing(
        `parameter ${read.parameter} does not exist: deploy the stack, or run resync to create it`,
      );
    case 'unreadable':
      if (replaceUnreadable) return { version: read.version, shard: EMPTY_SHARD, settled: false };
      throw new UnreadableShard(
        `parameter ${read.parameter} cannot be read (${read.error.message}): run resync with "force": true to rebuild it`,
        { cause: read.error },
      );
  }
}

/**
 * Leaves as many of the tasks that are new or changed as they were as it takes to fit, those that grow most first, so that
 * one that never fits keeps no other out; what is in the shard already stays in it.
 */
function fitInto(
  wanted: Shard,
  before: Shard,
  base: number,
  limit: number,
  parameter: string,
): { text: string; shard: Shard; refused: TaskId[] } {
  const size = (shard: Shard, taskId: TaskId): number => JSON.stringify(shard.tasks.get(taskId) ?? '').length;
  const growth = (taskId: TaskId): number => size(wanted, taskId) - size(before, taskId);
  const changed = [...wanted.tasks.keys()].filter((taskId) => wanted.tasks.get(taskId) !== before.tasks.get(taskId));
  const without = (kept: number): Shard => {
    const tasks = new Map(wanted.tasks);
    for (const taskId of changed.slice(kept)) {
      const asItWas = before.tasks.get(taskId);
      if (asItWas) tasks.set(taskId, asItWas);
      else tasks.delete(taskId);
    }
    return { tasks, stopped: wanted.stopped };
  };
  const encode = (kept: number): string | undefined => encodeShard({ base, shard: without(kept) }, limit);

  const whole = encode(changed.length);
  if (whole !== undefined) return { text: whole, shard: wanted, refused: [] };
  changed.sort((a, b) => growth(a) - growth(b));
  let fits = { kept: 0, text: encode(0) };
  if (fits.text === undefined) {
    throw new ShardFull(`${parameter} is over its ${limit} bytes: raise the setting "shards", deploy, and run resync`);
  }
  let tooMany = changed.length;
  while (tooMany - fits.kept > 1) {
    const kept = Math.floor((fits.kept + tooMany) / 2);
    const text = encode(kept);
    if (text === undefined) tooMany = kept;
    else fits = { kept, text };
  }
  return { text: fits.text as string, shard: without(fits.kept), refused: changed.slice(fits.kept) };
}
