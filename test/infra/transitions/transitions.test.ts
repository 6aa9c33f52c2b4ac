/** Every setting, changed from and to each of its values: what CloudFormation would do, and that docs/upgrading.md says so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { unknownNames } from '../../../infra/release/contract/fixed-names.ts';
import { SETTINGS, type Setting, type SettingName } from '../../../infra/settings/settings.ts';
import { app } from '../resources.ts';
import { removeSynthesised } from '../synth.ts';
import { SURROUNDINGS, type Surrounding, valuesOf } from './cases.ts';
import { upgradingPage } from './page.ts';
import { type Transition, walk } from './walk.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];
const surroundings = Object.keys(SURROUNDINGS) as Surrounding[];

let transitions: readonly Transition[] = [];
beforeAll(() => {
  transitions = walk();
}, 300_000);
afterAll(removeSynthesised);

describe('a change of a setting', () => {
  it.each(NAMES)('is walked in both directions: %s', (name) => {
    const walked = transitions.filter(({ setting }) => setting === name);
    const there = walked.filter(({ verdict }) => verdict.kind !== 'refused');
    expect(there).not.toHaveLength(0);
    for (const { surrounding, from, to } of there) {
      expect(walked.some((back) => back.surrounding === surrounding && back.from === to && back.to === from)).toBe(
        true,
      );
    }
  });

  it.each(
    Object.entries<Setting<unknown>>(SETTINGS)
      .map(([name, { shape }]) => [name as SettingName, shape.accepts.split(' or ')] as const)
      .filter(([, words]) => words.length === 2 && words.every((word) => /^\w+$/.test(word))),
  )('is walked for each word that %s may be: %j', (name, words) => {
    const values = surroundings.flatMap((surrounding) => valuesOf(name, surrounding));
    expect(values.map(({ value }) => String(value))).toEqual(expect.arrayContaining([...words]));
  });

  it('is as docs/upgrading.md has it: npm run upgrading', () => {
    expect(readFileSync(join(PROJECT_ROOT, 'docs/upgrading.md'), 'utf8')).toBe(upgradingPage(transitions));
  });
});

it.each(surroundings)('every property that may be a name is known as one, or not to be one: %s', (surrounding) => {
  const settings = { ...SURROUNDINGS[surrounding], grafana: true, alarmEmail: 'ops@example.com' };
  const all = Object.values(app(settings).stacks).flatMap((template) => Object.values(template.toJSON()['Resources']));
  expect(all.flatMap((one) => unknownNames(one as never))).toEqual([]);
});
