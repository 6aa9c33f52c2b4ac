import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FOLDERS, MUTANTS } from './catalogue.ts';
import { locate } from './mutation.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TESTS = globSync('**/*.test.ts', { cwd: join(ROOT, 'test') });

describe('a mutant', () => {
  it.each(MUTANTS)('"$name" takes out something that is there, exactly once', ({ mutations }) => {
    for (const mutation of mutations) expect(locate(mutation, ROOT, FOLDERS).mutated).toContain(mutation.replace);
  });

  it.each(MUTANTS)('"$name" has tests that can notice', ({ killers }) => {
    for (const file of killers.files) expect(TESTS.filter((it) => it.startsWith(file))).not.toEqual([]);
  });

  it('whose text is nowhere, or in two places, is an error', () => {
    const mutate = (find: string) => () => locate({ find, replace: '' }, ROOT, FOLDERS);
    expect(mutate('no such text')).toThrow('no file');
    expect(mutate('import type')).toThrow('exactly once');
  });
});
