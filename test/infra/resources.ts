/** What tests read in synthesised templates: each set of settings is synthesised once for a test file. */
import type { Template } from 'aws-cdk-lib/assertions';
import { type Context, type Synthesised, synthesise } from './synth.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly Type: string;
  readonly Properties: Json;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdatePolicy?: Json;
}

const known = new Map<string, Synthesised>();

export function app(settings: Context = {}): Synthesised {
  const key = JSON.stringify(settings);
  const found = known.get(key) ?? synthesise(settings);
  known.set(key, found);
  return found;
}

export function stack(name: 'cluster' | 'metrics' | 'workload' | '', settings: Context = {}): Template {
  const full = ['ecs-prometheus-discovery', name].filter(Boolean).join('-');
  const template = app(settings).stacks[full];
  if (template === undefined) throw new Error(`There is no stack ${full}.`);
  return template;
}

export const resources = (template: Template, type?: string): [string, Resource][] =>
  Object.entries<Resource>(template.toJSON()['Resources']).filter(
    ([, { Type }]) => type === undefined || Type === type,
  );

export const only = (template: Template, type: string): Resource => {
  const [found, ...more] = resources(template, type);
  if (found === undefined || more.length > 0) throw new Error(`There is not exactly one ${type}.`);
  return found[1];
};

/** A logical id without its hash. */
const plain = (id: unknown): string => String(id).replace(/[0-9A-F]{8}$/, '');

/** The one resource whose logical id, without its hash, is this. */
export function resource(template: Template, id: string): Resource {
  const [found, ...more] = resources(template).filter(([full]) => plain(full) === id);
  if (found === undefined || more.length > 0) throw new Error(`There is not exactly one ${id}.`);
  return found[1];
}

/** A CloudFormation value as a person would write it: `<AWS::Region>` for a reference, ids without their hash. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: reference } = value as Readonly<Record<string, unknown[]>>;
  if (join) return (join[1] as unknown[]).map(written).join(String(join[0]));
  const parts = attribute ?? [reference];
  return `<${parts.map(plain).join('.')}>`;
}

export const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** All that the roles of a stack allow: `action on resource`, with `if …` where there is a condition. */
export const allowed = (template: Template, policy: RegExp): string[] =>
  resources(template, 'AWS::IAM::Policy')
    .filter(([id]) => policy.test(id))
    .flatMap(([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Json[] }).Statement)
    .flatMap(({ Action, Resource, Condition }) =>
      listed(Action).flatMap((action) =>
        listed(Resource).map(
          (resource) => `${action} on ${written(resource)}${Condition ? ` if ${Object.keys(Condition)}` : ''}`,
        ),
      ),
    )
    .sort();

export const ARN = 'arn:<AWS::Partition>';
export const HERE = '<AWS::Region>:<AWS::AccountId>';
