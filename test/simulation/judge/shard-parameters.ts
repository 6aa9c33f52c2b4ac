/** The parameters of all shards of a cluster, as a reader of SSM sees them: the counting version of each, together. */
import type { SimulatedSsm } from '../aws/ssm.ts';
import { countingVersion, type ReadShardText } from './counting-version.ts';
import type { Place } from './place.ts';
import { byTask } from './target-groups.ts';
import { Union } from './union.ts';

export class ShardParameters {
  readonly place: Place;
  readonly #ssm: SimulatedSsm;
  readonly #read: ReadShardText;
  readonly #shards = new Union();
  /** Which life the version that counts names, of each parameter that somebody deleted. */
  readonly #lives = new Map<string, string | undefined>();

  constructor(place: Place, ssm: SimulatedSsm, read: ReadShardText) {
    this.place = place;
    this.#ssm = ssm;
    this.#read = read;
  }

  /**
   * @param name of the parameter that has a new version
   * @param byHand what a person puts back at just the number that it needs counts, and is that person's word
   */
  written(name: string, byHand: boolean): void {
    const current = this.#ssm.current(name);
    const found = countingVersion(current?.version ?? 0, (version) => this.#ssm.earlier(name, version), this.#read);
    const changes = this.#shards.replace(name, byTask(found?.groups ?? []));
    if (byHand || this.#hasCrossed(name, found?.life)) this.place.accept(changes);
    else this.place.changed(changes);
  }

  /**
   * Whether a put that was on its way while somebody deleted the parameter has come upon just its number in the next life. That
   * counts, and is the word of who deleted it (docs/decisions/compare-and-set.md).
   */
  #hasCrossed(name: string, life: string | undefined): boolean {
    const before = this.#lives.get(name);
    if (this.#lives.has(name)) this.#lives.set(name, life);
    return before !== undefined && life !== undefined && life !== before;
  }

  /** Somebody deleted it: what a writer makes of it afterwards is no loss of the writer. */
  deleted(name: string): void {
    this.place.accept(this.#shards.replace(name));
    this.#lives.set(name, undefined);
  }
}
