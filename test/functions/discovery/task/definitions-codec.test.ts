import { describe, expect, it } from '@jest/globals';
import { definitionsParameterCount } from '../../../../functions/discovery/names.ts';
import { PARAMETER_BYTES } from '../../../../functions/discovery/shard/shard-codec.ts';
import {
  decodeDefinitions,
  encodeDefinitions,
  NO_DEFINITIONS,
} from '../../../../functions/discovery/task/definitions-codec.ts';
import type { TaskDefinition } from '../../../../functions/discovery/task/task-definition.ts';
import { noise } from '../../../factories/shards.ts';
import fc from '../../../fast-check.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition';

const definitions = fc.uniqueArray(
  fc.record<TaskDefinition>(
    {
      arn: fc.string({ minLength: 1, maxLength: 30 }).map((name) => `${ARN}/${name}:1`),
      networkMode: fc.constantFrom('awsvpc', 'bridge', 'host', 'none', 'another'),
      hasHealthCheck: fc.constant(true),
      containers: fc.array(
        fc.record({
          name: fc.string(),
          dockerLabels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
          containerPorts: fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['arn', 'networkMode', 'containers'], noNullPrototype: true },
  ),
  { selector: ({ arn }) => arn, maxLength: 8 },
);

const plain = (number: number, label = 'METRICS_PORT'): TaskDefinition => ({
  arn: `${ARN}/service-${number}:7`,
  networkMode: 'awsvpc',
  containers: [{ name: 'web', dockerLabels: { [label]: '3000' }, containerPorts: [3000] }],
});

describe('kept task definitions', () => {
  it('are read as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(definitions, (some) => {
        const read = decodeDefinitions(encodeDefinitions(some, 1 << 20));
        expect(read).toEqual(some.toSorted((a, b) => (a.arn < b.arn ? -1 : 1)));
      }),
      { seed: 20261126 },
    );
  });

  it('are those of 500 services in one parameter', () => {
    const all = Array.from({ length: 500 }, (_, number) => plain(number));
    expect(decodeDefinitions(encodeDefinitions(all, PARAMETER_BYTES.Advanced))).toHaveLength(500);
  });

  it('are as many as fit, the same ones each time', () => {
    const all = Array.from({ length: 300 }, (_, number) => plain(number, noise(number, 40)));
    const text = encodeDefinitions(all, PARAMETER_BYTES.Standard);
    const kept = decodeDefinitions(text);
    expect(text.length).toBeLessThanOrEqual(PARAMETER_BYTES.Standard);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.length).toBeLessThan(300);
    expect(encodeDefinitions(all.toReversed(), PARAMETER_BYTES.Standard)).toBe(text);
  });

  it('are none where a single one does not fit', () => {
    expect(encodeDefinitions([plain(1, noise(1, 9000))], PARAMETER_BYTES.Advanced)).toBe(NO_DEFINITIONS);
  });

  it.each<[string, string]>([
    ['a new parameter', NO_DEFINITIONS],
    ['text of a person', 'hello'],
    ['nothing', ''],
    ['another format', '{"v":2,"definitions":[]}'],
    ['a definition with something that this version does not know', definitionWith({ image: 'web:1' })],
    ['a definition without its containers', definitionWith({ containers: undefined })],
  ])('are none in %s', (_, text) => {
    expect(decodeDefinitions(text)).toEqual([]);
  });
});

function definitionWith(other: object): string {
  return JSON.stringify({ v: 1, definitions: [{ ...plain(1), ...other }] });
}

describe('the parameters of task definitions', () => {
  it.each([
    [1, 1, 1],
    [1, 32, 1],
    [1, 33, 2],
    [2, 32, 2],
    [3, 8, 1],
  ])('of %i clusters with %i shards each are %i', (clusters, shards, count) => {
    expect(definitionsParameterCount({ clusters, shards })).toBe(count);
  });
});
