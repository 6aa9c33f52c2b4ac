/** SSM Parameter Store: versions, the last hundred readable, no compare-and-set, three writes a second. */
import { PARAMETER_BYTES } from '../../../functions/discovery/shard/shard-codec.ts';
import { AwsError, throttled } from './aws-error.ts';
import type { Input, SimulatedService, Surroundings } from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

interface Version {
  readonly value: string;
  readonly at: number;
}

interface Parameter {
  /** Version 1 first; those that SSM has forgotten are undefined. */
  readonly versions: (Version | undefined)[];
}

const READABLE_VERSIONS = 100;
/** Two writes of one parameter nearer than this may collide. */
const TOO_MANY_UPDATES = 20;

export class SimulatedSsm implements SimulatedService {
  readonly #parameters = new Map<string, Parameter>();
  readonly #world: Surroundings;
  readonly reads = new TokenBucket(40, 40);
  readonly writes: TokenBucket;
  /** Called for each version that is written, before anybody can read it. */
  onWrite: (name: string, version: number, value: string) => void = () => {};

  constructor(world: Surroundings, { writesPerSecond }: { readonly writesPerSecond: number }) {
    this.#world = world;
    this.writes = new TokenBucket(writesPerSecond, writesPerSecond);
  }

  create(name: string, value: string): void {
    this.#parameters.set(name, { versions: [{ value, at: Number.NEGATIVE_INFINITY }] });
  }

  /** A person, or a deployment, writes a value. */
  overwrite(name: string, value: string): void {
    this.#add(name, value);
  }

  delete(name: string): void {
    this.#parameters.delete(name);
  }

  /** As of now, without a limit: for judging. */
  current(name: string): { readonly value: string; readonly version: number } | undefined {
    const versions = this.#parameters.get(name)?.versions;
    const newest = versions?.at(-1);
    return versions && newest && { value: newest.value, version: versions.length };
  }

  /** An earlier version, for judging. */
  earlier(name: string, version: number): string | undefined {
    return this.#parameters.get(name)?.versions[version - 1]?.value;
  }

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'GetParameters':
        return this.#getParameters(input['Names'] as string[]);
      case 'GetParameter':
        return this.#getParameter(input['Name'] as string);
      case 'PutParameter':
        return this.#putParameter(input as { Name: string; Value: string; Overwrite?: boolean; Tier: string });
      default:
        throw new AwsError('UnknownOperation', command);
    }
  }

  #getParameters(names: readonly string[]): unknown {
    if (!this.reads.take(this.#world.now())) throw throttled();
    if (names.length > 10) throw new AwsError('ValidationException', 'at most 10 names');
    const asOf = this.#world.now() - this.#world.lag();
    const Parameters = names.flatMap((Name) => {
      const version = this.#newest(Name, asOf);
      return version === 0
        ? []
        : [{ Name, Value: this.#parameters.get(Name)?.versions[version - 1]?.value, Version: version }];
    });
    return { Parameters, InvalidParameters: names.filter((name) => !Parameters.some(({ Name }) => Name === name)) };
  }

  #newest(name: string, asOf: number): number {
    const versions = this.#parameters.get(name)?.versions ?? [];
    let version = versions.length;
    while (version > 1 && (versions[version - 1]?.at ?? 0) > asOf) version--;
    return version;
  }

  #getParameter(selector: string): unknown {
    if (!this.reads.take(this.#world.now())) throw throttled();
    const [name = '', wanted] = selector.split(':');
    const asOf = this.#world.now() - this.#world.lag();
    if (!this.#parameters.has(name)) throw new AwsError('ParameterNotFound');
    const version = wanted === undefined ? this.#newest(name, asOf) : Number(wanted);
    const found = this.#parameters.get(name)?.versions[version - 1];
    if (!found || version > this.#newest(name, asOf)) throw new AwsError('ParameterVersionNotFound');
    return { Parameter: { Name: name, Value: found.value, Version: version } };
  }

  #putParameter({
    Name,
    Value,
    Overwrite,
    Tier,
  }: {
    Name: string;
    Value: string;
    Overwrite?: boolean;
    Tier: string;
  }): unknown {
    const now = this.#world.now();
    if (!this.writes.take(now)) throw throttled();
    const limit = PARAMETER_BYTES[Tier as keyof typeof PARAMETER_BYTES];
    if (Buffer.byteLength(Value) > limit) throw new AwsError('ValidationException', `more than ${limit} bytes`);
    if (Value.includes('{{')) throw new AwsError('ValidationException', 'a value must not contain {{');
    const versions = this.#parameters.get(Name)?.versions ?? [];
    if (versions.length > 0 && !Overwrite) throw new AwsError('ParameterAlreadyExists');
    if (now - (versions.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < TOO_MANY_UPDATES)
      throw new AwsError('TooManyUpdates');
    return { Version: this.#add(Name, Value) };
  }

  #add(name: string, value: string): number {
    const { versions } = this.#parameters.get(name) ?? { versions: [] };
    versions.push({ value, at: this.#world.now() });
    if (versions.length > READABLE_VERSIONS) versions[versions.length - 1 - READABLE_VERSIONS] = undefined;
    this.#parameters.set(name, { versions });
    this.onWrite(name, versions.length, value);
    return versions.length;
  }
}
