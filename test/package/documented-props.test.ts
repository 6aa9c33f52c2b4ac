/** What an editor shows to people who use a construct. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

interface Property {
  /** As in `WebappProps.tasks`. */
  readonly name: string;
  readonly isOptional: boolean;
  readonly comment: string;
}

/** The properties of all interfaces `…Props`, in a source that is formatted as this project's are. */
const propertiesIn = (source: string): Property[] =>
  [...source.matchAll(/^export interface (\w+Props)\b[^{]*\{\n(.*?)^\}/gms)].flatMap(([, owner, body = '']) =>
    [...body.matchAll(/((?: {2}\/\*\*(?:(?!\*\/).)*\*\/\n)?) {2}readonly (\w+)(\??):/gs)].map(
      ([, comment = '', name, optional]) => ({ name: `${owner}.${name}`, isOptional: optional === '?', comment }),
    ),
  );

/** Those of the constructs that other apps may use. */
const exported = new Set(readFileSync('infra/index.ts', 'utf8').match(/\w+Props\b/g));
const properties = globSync('infra/constructs/**/*.ts')
  .flatMap((path) => propertiesIn(readFileSync(path, 'utf8')))
  .filter(({ name }) => exported.has(name.split('.')[0] ?? ''));

it('every property that may be left out says what happens then', () => {
  expect(properties.length).toBeGreaterThan(40);
  const silent = properties.filter(({ isOptional, comment }) => isOptional && !comment.includes('@default'));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

it('every property that is needed is described, unless its name says it all', () => {
  const obvious = /\.(discovery|workspace|placement|securityGroups?|cluster|vpc|namespace|subnets)$/;
  const bare = properties.filter(
    ({ name, isOptional, comment }) => !isOptional && comment === '' && !obvious.test(name),
  );
  expect(bare.map(({ name }) => name)).toEqual([]);
});
