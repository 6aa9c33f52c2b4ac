/** SSM parameters for a process that only reads them, without the SDK (json-service.ts says why). */
import * as z from 'zod/mini';
import { isNamed } from './errors.ts';
import type { JsonService } from './json-service.ts';
import { chunks } from './paging.ts';
import type { Parameters, ParameterValue } from './parameters.ts';

/** GetParameters takes at most 10 names (AWS Systems Manager API reference). */
const NAMES_PER_CALL = 10;

const parameter = z.object({ Name: z.string(), Value: z.string(), Version: z.number() });
const many = z.object({ Parameters: z.optional(z.array(parameter)) });
const one = z.object({ Parameter: parameter });

export function createParameterReader(ssm: JsonService): Omit<Parameters, 'put'> {
  return {
    async get(names) {
      const answers = await Promise.all(
        chunks(names, NAMES_PER_CALL).map(async (Names) => many.parse(await ssm('GetParameters', { Names }))),
      );
      return new Map(
        answers
          .flatMap(({ Parameters = [] }) => Parameters)
          .map(({ Name, Value, Version }): [string, ParameterValue] => [Name, { value: Value, version: Version }]),
      );
    },
    async getVersion(name, version) {
      try {
        const { Parameter } = one.parse(await ssm('GetParameter', { Name: `${name}:${version}` }));
        return { value: Parameter.Value, version };
      } catch (error) {
        if (isNamed(error, 'ParameterNotFound', 'ParameterVersionNotFound')) return undefined;
        throw error;
      }
    },
  };
}
