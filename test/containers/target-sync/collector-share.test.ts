import { describe, expect, it } from '@jest/globals';
import { ownShards } from '../../../containers/target-sync/sync/collector-share.ts';
import fc from '../../fast-check.ts';

describe('several collectors', () => {
  it('take every shard exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (count, shards) => {
        const taken = Array.from({ length: count }, (_, index) => ownShards({ index, count }, shards)).flat();
        expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: shards }, (_, shard) => shard));
      }),
    );
  });

  it('take the shards whose number, divided by their count, leaves their index', () => {
    expect(ownShards({ index: 1, count: 3 }, 8)).toEqual([1, 4, 7]);
    expect(ownShards({ index: 2, count: 3 }, 2)).toEqual([]);
  });
});
