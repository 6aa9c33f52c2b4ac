/** SSM parameters as versioned cells: read some, read an earlier version, write one. */
import { GetParameterCommand, GetParametersCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ParameterTier } from '../discovery/shard/shard-codec.ts';
import type { Sender } from './clients.ts';
import { isNamed } from './errors.ts';
import { chunks } from './paging.ts';

/** GetParameters takes at most 10 names (AWS Systems Manager API reference). */
const NAMES_PER_CALL = 10;

export interface ParameterValue {
  readonly value: string;
  readonly version: number;
}

export interface Parameters {
  /** The current values; names that do not exist are absent from the answer. */
  get(names: readonly string[]): Promise<Map<string, ParameterValue>>;
  /** An earlier version, of which SSM keeps the last 100; undefined when it is gone. */
  getVersion(name: string, version: number): Promise<ParameterValue | undefined>;
  /** Writes a value, creating the parameter where it does not exist, and returns the version that this made. */
  put(name: string, value: string): Promise<number>;
}

/** @param tier SSM tier of parameters that are written */
export function createParameters(
  clients: { readonly read: Sender<SSMClient>; readonly write: Sender<SSMClient> },
  tier: ParameterTier,
): Parameters {
  return {
    async get(names) {
      const answers = await Promise.all(
        chunks(names, NAMES_PER_CALL).map((Names) => clients.read.send(new GetParametersCommand({ Names }))),
      );
      return new Map(
        answers
          .flatMap((answer) => answer.Parameters ?? [])
          .map(({ Name = '', Value = '', Version = 0 }) => [Name, { value: Value, version: Version }]),
      );
    },
    async getVersion(name, version) {
      try {
        const { Parameter } = await clients.read.send(new GetParameterCommand({ Name: `${name}:${version}` }));
        return Parameter?.Value === undefined ? undefined : { value: Parameter.Value, version };
      } catch (error) {
        if (isNamed(error, 'ParameterNotFound', 'ParameterVersionNotFound')) return undefined;
        throw error;
      }
    },
    async put(name, value) {
      const { Version = 0 } = await clients.write.send(
        new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true, Tier: tier }),
      );
      return Version;
    },
  };
}
