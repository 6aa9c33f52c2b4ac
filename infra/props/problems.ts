/** Whether what a construct was given is as it should be. */
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { BadValue, type Shape } from './shape.ts';

/** A shape for each property that has one; a property that is undefined or known only at deployment is passed over. */
export type Shapes<Props> = { readonly [Name in keyof Props]?: Shape<unknown> };

/** One sentence for each property that is not of its shape. */
export function misshapen<Props extends object>(props: Props, shapes: Shapes<Props>): string[] {
  return Object.entries<Shape<unknown>>(shapes as Readonly<Record<string, Shape<unknown>>>).flatMap(([name, shape]) => {
    const value = (props as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || isToken(value)) return [];
    try {
      shape(value);
      return [];
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      return [`${name} ${error.message}`];
    }
  });
}

const isToken = (value: unknown): boolean =>
  Array.isArray(value) ? value.some((one) => Token.isUnresolved(one)) : Token.isUnresolved(value);

/** A construct was given properties that AWS, or this project, would not take. One line a problem. */
export class PropsError extends Error {
  override readonly name = 'PropsError';
  readonly problems: readonly string[];

  constructor({ node, constructor: { name } }: IConstruct, problems: readonly string[]) {
    super([`The properties of ${name} ${node.path} have problems:`, ...problems.map((one) => `  - ${one}`)].join('\n'));
    this.problems = problems;
  }
}

/** @throws PropsError when there are problems */
export function refuse(construct: IConstruct, problems: readonly string[]): void {
  if (problems.length > 0) throw new PropsError(construct, problems);
}
