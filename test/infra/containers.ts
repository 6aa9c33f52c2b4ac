/** What tests read of the containers in synthesised task definitions. */
import type { Template } from 'aws-cdk-lib/assertions';
import { resources, written } from './resources.ts';

export interface Container {
  readonly Name: string;
  readonly Image: unknown;
  readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly [key: string]: unknown;
}

export const containers = (template: Template): Container[] =>
  resources(template, 'AWS::ECS::TaskDefinition').flatMap(
    ([, { Properties }]) => Properties['ContainerDefinitions'] as Container[],
  );

export function container(template: Template, name: string): Container {
  const found = containers(template).find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`There is no container ${name}.`);
  return found;
}

export const environmentOf = ({ Environment = [] }: Container): Record<string, string> =>
  Object.fromEntries(Environment.map(({ Name, Value }) => [Name, written(Value)]));

export const NETWORK = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };
/** An existing cluster with all that an app brings along. */
export const EXISTING = { ...NETWORK, clusters: 'prod', collector: true, workload: true, nodeExporter: true };
