import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { MUTANTS, mutate } from './mutations.ts';

it.each(MUTANTS.map(({ name, mutations }) => ({ name, mutations })))(
  'the product has what "$name" takes out',
  ({ mutations }) => {
    for (const mutation of mutations) {
      const text = readFileSync(mutation.file, 'utf8');
      expect(mutate(text, mutation)).not.toBe(text);
    }
  },
);
