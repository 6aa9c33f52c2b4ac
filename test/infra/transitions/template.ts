/** What the comparison reads of a CloudFormation template. */

import type { Resource } from '../../../infra/release/contract/fixed-names.ts';

export interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
}

/** Templates by the names of their stacks, in the order in which they are deployed. */
export type Stacks = ReadonlyMap<string, Template>;

export const resourcesOf = ({ Resources = {} }: Template): [string, Resource][] => Object.entries(Resources);

/** Names of exports that a template imports, as JSON where they are no plain text. */
export function importsOf(template: Template): ReadonlySet<string> {
  const found = new Set<string>();
  JSON.stringify(template, (key, value) => {
    if (key === 'Fn::ImportValue') found.add(JSON.stringify(value));
    return value;
  });
  return found;
}

/** The outputs that other stacks may import, by their names as {@link importsOf} has them. */
export const exportsOf = ({ Outputs = {} }: Template): ReadonlyMap<string, unknown> =>
  new Map(
    Object.values(Outputs).flatMap(({ Export, Value }) => (Export ? [[JSON.stringify(Export.Name), Value]] : [])),
  );

/** Logical ids that a value refers to. */
export function referencesIn(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  JSON.stringify(value, (key, part) => {
    if (key === 'Ref') found.add(String(part));
    if (key === 'Fn::GetAtt') found.add(String(Array.isArray(part) ? part[0] : String(part).split('.')[0]));
    return part;
  });
  return found;
}
