import { describe, expect, it } from '@jest/globals';
import { judgeVersion } from '../../../containers/target-sync/version-guard.ts';

describe('a version that was read', () => {
  it.each([
    // read, published, cause, held by the refresh before, verdict
    [5, undefined, 'event', undefined, 'publish'],
    [1, undefined, 'refresh', undefined, 'publish'],
    [5, 5, 'event', undefined, 'publish'],
    [6, 5, 'refresh', undefined, 'publish'],
    [4, 5, 'event', undefined, 'hold'],
    [4, 5, 'event', 4, 'hold'],
    [4, 5, 'refresh', undefined, 'hold'],
    [4, 5, 'refresh', 4, 'publish'],
    [2, 40, 'refresh', 1, 'publish'],
    [3, 5, 'refresh', 4, 'hold'],
  ] as const)('%s after %s by %s, %s held before: %s', (read, published, cause, heldBefore, verdict) => {
    expect(judgeVersion(read, published, cause, heldBefore)).toBe(verdict);
  });
});
