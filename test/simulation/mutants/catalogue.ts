/** Mechanisms that the invariants need, each with the way to take it out. */
import type { Mutant } from './mutation.ts';

/** Where mechanisms are looked for. */
export const FOLDERS = ['test/simulation/reference'];
/** Tests that must notice. */
export const TESTS = ['test/simulation/reference'];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'files are written in place',
    neededBy: 'the reference pipeline',
    mutations: [
      {
        find: "await files.writeFile('/volume/next', ",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
        replace: 'await files.writeFile(`${WATCHED}/${cluster}.json`, ',
      },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      { find: "await files.rename('/volume/next', `${WATCHED}/${cluster}.json`);", replace: '' },
    ],
  },
  {
    name: 'stops are not announced',
    neededBy: 'the reference pipeline',
    mutations: [{ find: "if (detail.desiredStatus === 'STOPPED') changes.push(changeOf(detail));", replace: ';' }],
  },
  {
    name: 'a message that could not be looked up is dropped',
    neededBy: 'the reference pipeline',
    mutations: [{ find: 'kept.push(message);\n      else changes', replace: 'continue;\n      else changes' }],
  },
];
