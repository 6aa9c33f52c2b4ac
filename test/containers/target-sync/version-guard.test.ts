import { describe, expect, it } from '@jest/globals';
import { judgeVersion, LAG } from '../../../containers/target-sync/version-guard.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

describe('a version that was read', () => {
  it.each([
    // read, published, cause, held before, milliseconds ago, verdict
    [5, undefined, 'event', undefined, 0, 'publish'],
    [1, undefined, 'refresh', undefined, 0, 'publish'],
    [5, 5, 'event', undefined, 0, 'publish'],
    [6, 5, 'refresh', undefined, 0, 'publish'],
    [4, 5, 'event', undefined, 0, 'hold'],
    [4, 5, 'event', 4, 60_000, 'hold'],
    [4, 5, 'refresh', undefined, 0, 'hold'],
    [4, 5, 'refresh', 4, LAG, 'publish'],
    [4, 5, 'refresh', 4, LAG - 1, 'hold'],
    [2, 40, 'refresh', 1, LAG, 'publish'],
    [3, 5, 'refresh', 4, LAG, 'hold'],
  ] as const)('%s after %s by %s, %s held %i ms before: %s', (read, published, cause, version, ago, verdict) => {
    const held = version === undefined ? undefined : { version, since: NOW - ago };
    expect(judgeVersion(read, published, cause, held, NOW)).toBe(verdict);
  });
});
