/** SSM parameters as versioned cells: read some, read an earlier version, write one. */
import {
  GetParameterCommand,
  GetParametersCommand,
  type Parameter,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { ParameterTier } from '../discovery/shard/shard-codec.ts';
import type { Sender } from './clients.ts';
import { isNamed } from './errors.ts';
import { chunks } from './paging.ts';

/** GetParameters takes at most 10 names (AWS Systems Manager API reference). */
export const NAMES_PER_CALL = 10;

export interface ParameterValue {
  readonly value: string;
  readonly version: number;
  /** When this version was written, in milliseconds since 1970 by SSM's clock, where it says so. */
  readonly writtenAt?: number | undefined;
}

export interface ParameterReader {
  /** The current values; names that do not exist are absent from the answer. */
  get(names: readonly string[]): Promise<Map<string, ParameterValue>>;
  /** An earlier version, of which SSM keeps the last 100; undefined when it is gone. */
  getVersion(name: string, version: number): Promise<ParameterValue | undefined>;
}

export interface Parameters extends ParameterReader {
  /** Writes a value, creating the parameter where it does not exist, and returns the version that this made. */
  put(name: string, value: string): Promise<number>;
}

const parameterValue = ({ Value = '', Version = 0, LastModifiedDate }: Parameter): ParameterValue => ({
  value: Value,
  version: Version,
  ...(LastModifiedDate && { writtenAt: LastModifiedDate.getTime() }),
});

export function createParameterReader(client: Sender<SSMClient>): ParameterReader {
  return {
    async get(names) {
      const answers = await Promise.all(
        chunks(names, NAMES_PER_CALL).map((Names) => client.send(new GetParametersCommand({ Names }))),
      );
      return new Map(
        answers
          .flatMap((answer) => answer.Parameters ?? [])
          .map((parameter) => [parameter.Name ?? '', parameterValue(parameter)]),
      );
    },
    async getVersion(name, version) {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name: `${name}:${version}` }));
        return Parameter && parameterValue(Parameter);
      } catch (error) {
        if (isNamed(error, 'ParameterNotFound', 'ParameterVersionNotFound')) return undefined;
        throw error;
      }
    },
  };
}

/** @param tier SSM tier of parameters that are written */
export const createParameters = (client: Sender<SSMClient>, tier: ParameterTier): Parameters => ({
  ...createParameterReader(client),
  async put(name, value) {
    const { Version = 0 } = await client.send(
      new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true, Tier: tier }),
    );
    return Version;
  },
});
