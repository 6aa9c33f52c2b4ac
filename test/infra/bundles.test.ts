import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundleName, FUNCTION_ENTRIES, functionFolder } from '../../infra/build/function-bundles.ts';

/** Budget of the design: a cold start reads and compiles all of it. */
const BYTES = 150 * 1024;

describe('the bundles of the Lambda functions', () => {
  it('are made of every file that exports a handler', () => {
    const handlers = globSync('functions/**/*.ts').filter((path) =>
      /^export const handler\b/m.test(readFileSync(path, 'utf8')),
    );
    expect([...FUNCTION_ENTRIES].sort()).toEqual(handlers.sort());
  });

  it('have different names', () => {
    expect(new Set(FUNCTION_ENTRIES.map(bundleName)).size).toBe(FUNCTION_ENTRIES.length);
  });

  it.each(FUNCTION_ENTRIES)('are at most 150 KB: %s', (entry) => {
    const bytes = statSync(join(functionFolder(entry), 'index.js')).size;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(BYTES);
  });
});
