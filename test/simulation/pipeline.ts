/** What a history needs to know of the code that it tries: the product, or the reference beside the tests. */
import type { ReadShardText } from './judge/counting-version.ts';
import type { SimulatedVolume } from './volume.ts';
import type { World } from './world.ts';

export interface Pipeline {
  readonly collectors: readonly Collector[];
  /** Takes the text of a shard apart, without deciding whether it counts. */
  readonly read: ReadShardText;
  /** The same document with another base, for a second writer; undefined where it does not fit. */
  readonly rewrite?: (text: string, base: number) => string | undefined;
  /** The value that the template gives a shard's parameter. */
  readonly emptyDocument: string;
  readonly parameterName: (cluster: string, shard: number) => string;
  /** Whether a parameter is one of its own that holds no targets. Default: there are none. */
  readonly isMemory?: (parameter: string) => boolean;
  /** Whether its programs hold nothing that is still to be done. */
  readonly isIdle: () => boolean;
  /** The schedule or an operator asks for a resync. */
  readonly resync: (request: ResyncRequest) => void;
  /** Deploys another number of shards; the parameters are there already. */
  readonly reshard: (shards: number) => void;
}

export interface ResyncRequest {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** A collector: a volume with target files, and one target-sync that writes them, or two during a deployment. */
export interface Collector {
  readonly volume: SimulatedVolume;
  /** kill -9, and a new process on the same volume later. */
  readonly kill: (restartAfter: number) => void;
  /**
   * A deployment: a new one, with a volume of its own, runs for a while beside the old one, on the same queue. `volume` is
   * the new one's from now on.
   */
  readonly replace: (overlap: number) => void;
}

export type Wire = (world: World) => Pipeline;
