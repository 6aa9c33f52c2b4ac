/** SSM Parameter Store: versions, the last hundred readable, no compare-and-set, reads that lag, three writes a second. */
import { AwsError } from './aws-error.ts';
import {
  type Input,
  type SimulatedService,
  type Surroundings,
  takeFrom,
  unknownOperation,
} from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

interface Version {
  readonly value: string;
  readonly at: number;
}

/** A parameter from its creation to its deletion: one that is created again counts its versions from 1. */
interface Life {
  /** Version 1 first; those that SSM has forgotten are undefined. */
  readonly versions: (Version | undefined)[];
  readonly createdAt: number;
  deletedAt: number;
}

/** AWS Systems Manager quotas. */
const READABLE_VERSIONS = 100;
const NAMES_PER_CALL = 10;
const VALUE_BYTES: Readonly<Record<string, number>> = { Standard: 4096, Advanced: 8192, 'Intelligent-Tiering': 8192 };
/** Two writes of one parameter nearer than this may collide. */
const TOO_MANY_UPDATES = 20;
/** "Wait for at least 30 seconds" before a deleted name is used again (API reference, DeleteParameter). */
const DELETION_LAG = 30_000;
/** So many times longer than usual reads lag behind a deletion or a new creation. */
const SLOWER = 15;

export class SimulatedSsm implements SimulatedService {
  readonly name = 'ssm';
  readonly #parameters = new Map<string, Life[]>();
  readonly #world: Surroundings;
  readonly reads = new TokenBucket(40, 40);
  readonly writes: TokenBucket;
  /** Called for each version that is written, before anybody can read it. */
  onWrite: (name: string, version: number, value: string) => void = () => {};
  onDelete: (name: string) => void = () => {};

  constructor(world: Surroundings, { writesPerSecond }: { readonly writesPerSecond: number }) {
    this.#world = world;
    this.writes = new TokenBucket(writesPerSecond, writesPerSecond);
  }

  /** A deployment creates or overwrites a parameter, or a person does. */
  overwrite(name: string, value: string): void {
    this.#add(name, value);
  }

  delete(name: string): void {
    const life = this.#now(name);
    if (!life) return;
    life.deletedAt = this.#world.now();
    this.onDelete(name);
  }

  /** As of now, without a limit: for judging. */
  current(name: string): { readonly value: string; readonly version: number } | undefined {
    const versions = this.#now(name)?.versions;
    const newest = versions?.at(-1);
    return versions && newest && { value: newest.value, version: versions.length };
  }

  /** An earlier version, for judging. */
  earlier(name: string, version: number): string | undefined {
    return this.#now(name)?.versions[version - 1]?.value;
  }

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'GetParameters':
        takeFrom(this.reads, 'ssm', this.#world.now());
        return this.#getParameters(input['Names'] as string[]);
      case 'GetParameter':
        takeFrom(this.reads, 'ssm', this.#world.now());
        return this.#getParameter(input['Name'] as string);
      case 'PutParameter':
        takeFrom(this.writes, 'ssm', this.#world.now());
        return this.#putParameter(input as { Name: string; Value: string; Overwrite?: boolean; Tier?: string });
      default:
        throw unknownOperation(command);
    }
  }

  #getParameters(names: readonly string[]): unknown {
    if (names.length > NAMES_PER_CALL) throw new AwsError('ValidationException', `at most ${NAMES_PER_CALL} names`);
    const Parameters = names.flatMap((Name) => {
      const { life, newest } = this.#seen(Name);
      const found = life?.versions[newest - 1];
      return found ? [{ Name, Value: found.value, Version: newest, LastModifiedDate: new Date(found.at) }] : [];
    });
    return { Parameters, InvalidParameters: names.filter((name) => !Parameters.some(({ Name }) => Name === name)) };
  }

  #getParameter(selector: string): unknown {
    const [name = '', wanted] = selector.split(':');
    const { life, newest } = this.#seen(name);
    if (!life) throw new AwsError('ParameterNotFound');
    const version = wanted === undefined ? newest : Number(wanted);
    const found = life.versions[version - 1];
    if (!found || version > newest) throw new AwsError('ParameterVersionNotFound');
    return { Parameter: { Name: name, Value: found.value, Version: version, LastModifiedDate: new Date(found.at) } };
  }

  /** What one read sees of a parameter: its life then, and the newest version of it. */
  #seen(name: string): { readonly life?: Life; readonly newest: number } {
    const lives = this.#parameters.get(name) ?? [];
    const asOf = this.#world.now() - this.#lag(lives);
    const life = lives.findLast(({ createdAt, deletedAt }) => createdAt <= asOf && asOf < deletedAt);
    if (!life) return { newest: 0 };
    let newest = life.versions.length;
    while (newest > 1 && (life.versions[newest - 1]?.at ?? 0) > asOf) newest--;
    return { life, newest };
  }

  #lag(lives: readonly Life[]): number {
    const lag = this.#world.lag();
    const last = lives.at(-1);
    if (!last || lag === 0) return lag;
    const since = this.#world.now() - (last.deletedAt < Number.POSITIVE_INFINITY ? last.deletedAt : last.createdAt);
    const isRecent = since < DELETION_LAG && (lives.length > 1 || last.deletedAt < Number.POSITIVE_INFINITY);
    return isRecent ? SLOWER * lag : lag;
  }

  #putParameter(input: { Name: string; Value: string; Overwrite?: boolean; Tier?: string }): unknown {
    const { Name, Value, Overwrite = false, Tier = 'Standard' } = input;
    const now = this.#world.now();
    const limit = VALUE_BYTES[Tier] ?? 0;
    if (Buffer.byteLength(Value) > limit) throw new AwsError('ValidationException', `more than ${limit} bytes`);
    if (Value === '' || Value.includes('{{')) throw new AwsError('ValidationException', 'Value');
    const versions = this.#now(Name)?.versions ?? [];
    if (versions.length > 0 && !Overwrite) throw new AwsError('ParameterAlreadyExists');
    if (now - (versions.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < TOO_MANY_UPDATES)
      throw new AwsError('TooManyUpdates');
    return { Version: this.#add(Name, Value) };
  }

  #now(name: string): Life | undefined {
    const life = this.#parameters.get(name)?.at(-1);
    return life && life.deletedAt === Number.POSITIVE_INFINITY ? life : undefined;
  }

  #add(name: string, value: string): number {
    const at = this.#world.now();
    let life = this.#now(name);
    if (!life) {
      life = { versions: [], createdAt: at, deletedAt: Number.POSITIVE_INFINITY };
      this.#parameters.set(name, [...(this.#parameters.get(name) ?? []), life]);
    }
    const { versions } = life;
    versions.push({ value, at });
    if (versions.length > READABLE_VERSIONS) versions[versions.length - 1 - READABLE_VERSIONS] = undefined;
    this.onWrite(name, versions.length, value);
    return versions.length;
  }
}
