/** What CloudFormation makes of the functions in a template: names and ARNs as an account would have them. */
import type { Template } from 'aws-cdk-lib/assertions';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** A resource of a template, with the values that a deployment would give it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own
  readonly properties: any;
}

type Templates = Readonly<Record<string, Template>>;
// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any form
type Raw = any;

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The property that holds the name of a resource, where the template gives it one. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'QueueName',
  'AWS::ECS::Cluster': 'ClusterName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Events::EventBus': 'Name',
};

const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

const ARNS: Readonly<Record<string, (name: string) => string>> = {
  'AWS::SQS::Queue': (name) => arn('sqs', name),
  'AWS::SNS::Topic': (name) => arn('sns', name),
  'AWS::Lambda::Function': (name) => arn('lambda', `function:${name}`),
  'AWS::Logs::LogGroup': (name) => arn('logs', `log-group:${name}:*`),
  'AWS::ECS::Cluster': (name) => arn('ecs', `cluster/${name}`),
  'AWS::Events::EventBus': (name) => arn('events', `event-bus/${name}`),
  'AWS::Events::Rule': (name) => arn('events', `rule/${name}`),
  'AWS::APS::Workspace': (name) => arn('aps', `workspace/${name}`),
  'AWS::ServiceDiscovery::Service': (name) => arn('servicediscovery', `service/${name}`),
  'AWS::IAM::Role': (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
};

/** What `Ref` answers; the name, but for these. */
const REFERENCES: Readonly<Record<string, (name: string) => string>> = {
  'AWS::SNS::Topic': (name) => arn('sns', name),
  'AWS::SQS::Queue': (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
};

/** The resources of some types in all stacks of an app. */
export function literalResources(stacks: Templates, types: readonly string[]): Resource[] {
  return Object.values(stacks).flatMap((template) => {
    const resources: Raw = template.toJSON()['Resources'];
    return Object.keys(resources)
      .filter((id) => types.includes(resources[id].Type))
      .map((id) => ({
        id,
        type: resources[id].Type,
        properties: literal(stacks, resources, resources[id].Properties),
      }));
  });
}

/** @throws Error for a function of CloudFormation that is not known here */
function literal(stacks: Templates, resources: Raw, value: Raw): Raw {
  const known = (it: Raw): Raw => literal(stacks, resources, it);
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== 'object' || value === null) return value;
  const [key = '', ...more] = Object.keys(value);
  const argument = value[key];
  if (more.length === 0 && key === 'Ref') return reference(resources, known, argument);
  if (more.length > 0 || !key.startsWith('Fn::')) {
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, known(it)]));
  }
  switch (key) {
    case 'Fn::Join':
      return known(argument[1]).join(argument[0]);
    case 'Fn::Sub':
      return String(argument).replace(/\$\{([^}]+)\}/g, (_, name) => reference(resources, known, name));
    case 'Fn::GetAtt':
      return attribute(resources, known, argument[0], argument[1]);
    case 'Fn::Select':
      return known(argument[1])[argument[0]];
    case 'Fn::Split':
      return known(argument[1]).split(argument[0]);
    case 'Fn::GetAZs':
      return ['a', 'b', 'c'].map((zone) => `${REGION}${zone}`);
    case 'Fn::ImportValue':
      return imported(stacks, argument);
    default:
      throw new Error(`${key} is not known here`);
  }
}

const nameOf = (resources: Raw, known: (it: Raw) => Raw, id: string): string =>
  known(resources[id].Properties?.[NAMED_BY[resources[id].Type] ?? ''] ?? id);

function reference(resources: Raw, known: (it: Raw) => Raw, id: string): string {
  const pseudo = PSEUDO[id];
  if (pseudo !== undefined) return pseudo;
  if (resources[id] === undefined) return `<${id}>`;
  const name = nameOf(resources, known, id);
  return REFERENCES[resources[id].Type]?.(name) ?? name;
}

function attribute(resources: Raw, known: (it: Raw) => Raw, id: string, name: string): string {
  const { Type } = resources[id];
  if (name !== 'Arn' && !name.endsWith('Arn')) return `<${id}.${name}>`;
  const arnOf = ARNS[Type];
  if (arnOf === undefined) throw new Error(`the ARN of a ${Type} is not known here`);
  return arnOf(nameOf(resources, known, id));
}

function imported(stacks: Templates, name: string): string {
  for (const template of Object.values(stacks)) {
    const { Outputs: outputs = {}, Resources: resources }: Raw = template.toJSON();
    const found: Raw = Object.values(outputs).find((output: Raw) => output.Export?.Name === name);
    if (found) return literal(stacks, resources, found.Value);
  }
  throw new Error(`no stack exports ${name}`);
}
