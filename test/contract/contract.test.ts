/** What a release has promised, the sources keep. As long as that version is not published: npm run contract. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { brokenPromises, type Contract, contractOf } from '../../infra/release/contract/contract.ts';
import { newestContract } from '../../infra/release/contract/written.ts';

let now: Contract;
beforeAll(() => {
  now = contractOf('now');
}, 60_000);

/** The contract of the sources with another value of one entry; undefined: without the entry. */
function otherwise(key: string, value?: string): Pick<Contract, 'entries'> {
  expect(now.entries).toHaveProperty([key]);
  const { [key]: _, ...rest } = now.entries;
  return { entries: value === undefined ? rest : { ...rest, [key]: value } };
}

describe('the newest release', () => {
  it('finds all that it has promised', () => {
    expect(brokenPromises(newestContract(), now)).toEqual([]);
  });

  it('has promised something of every kind', () => {
    const kinds = (contract: Contract) => new Set(Object.keys(contract.entries).map((key) => key.split(' ')[0]));
    expect([...kinds(now)]).toEqual(expect.arrayContaining([...kinds(newestContract())]));
    for (const kind of ['resource', 'output', 'announcement', 'shard', 'setting', 'CloudWatch', 'export', 'target'])
      expect(kinds(newestContract())).toContain(kind);
    expect(Object.keys(newestContract().samples)).toEqual([
      'announcement',
      'shard document',
      'compressed shard document',
    ]);
  });
});

describe('a change of the sources', () => {
  it.each([
    'resource ecs-prometheus-discovery DiscoveryTargetsChangedTopic55027A1B',
    'output ecs-prometheus-discovery ResyncFunction',
    'announcement.upserts[].tasks[][3]',
    'shard document.base',
    'setting shards',
    'target label taskid',
    'CloudWatch metric of EcsPrometheusDiscovery ResyncDrift',
    'export of the package Collectors',
  ])('is noticed where it takes away %s', (key) => {
    expect(brokenPromises(now, otherwise(key))).toEqual([`${key} is gone; now has it.`]);
  });

  it('is noticed where a resource gets another name, or a field another type', () => {
    const key = 'resource ecs-prometheus-discovery DiscoveryTargetsChangedCollector06E31C084';
    expect(brokenPromises(now, otherwise(key, 'AWS::SQS::Queue collector-0'))).toEqual([
      `${key} is AWS::SQS::Queue collector-0; in now it is AWS::SQS::Queue ecs-prometheus-discovery-collector-0.`,
    ]);
    expect(brokenPromises(now, otherwise('announcement.v', '{"const":2}, required'))).toHaveLength(1);
  });

  it('is fine where it adds', () => {
    expect(brokenPromises(now, { entries: { ...now.entries, 'setting new': '' } })).toEqual([]);
  });

  it.each([
    ['announcement', '"v":1', '"v":0', 'cannot be read: not an announcement: missing or wrong v'],
    ['shard document', '"base":11', '"base":12', 'is read as {"base":12,'],
    ['compressed shard document', 'br:', 'gz:', 'cannot be read: not a shard document'],
  ])('is noticed where the %s of a release is not read as it was', (kind, part, other, problem) => {
    const sample = now.samples[kind];
    if (sample === undefined) throw new Error(`There is no sample of ${kind}`);
    expect(sample.text).toContain(part);
    const released = { ...now, samples: { [kind]: { ...sample, text: sample.text.replace(part, other) } } };
    expect(brokenPromises(released, now)).toEqual([expect.stringContaining(`The ${kind} that now writes ${problem}`)]);
  });

  it('may read more in what a release has written, not less', () => {
    const { announcement } = now.samples;
    const { deployment: _, ...less } = (announcement?.reading ?? {}) as Record<string, unknown>;
    const of = (reading: unknown): Contract => ({
      ...now,
      samples: { announcement: { text: announcement?.text ?? '', reading } },
    });
    expect(brokenPromises(of(less), now)).toEqual([]);
    expect(brokenPromises(of({ ...less, colour: 'red' }), now)).toHaveLength(1);
  });
});
