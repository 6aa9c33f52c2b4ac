/** The roles of a deployment with all that they may, and the environment of what runs under them; from the templates. */
import { type Context, synthesise } from '../../infra/synth.ts';
import { ACCOUNT, literalResources, REGION, type Resource } from './literal.ts';

export type Environment = Readonly<Record<string, string>>;

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export interface Role {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
}

export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  readonly environment: Environment;
  readonly role: Role;
  readonly logGroup: string;
  /** ARNs of the queues that Lambda's pollers read for it. */
  readonly eventSources: readonly string[];
  /** ARN of the queue where asynchronous invocations end that failed. */
  readonly onFailure: string | undefined;
  readonly isInVpc: boolean;
}

export interface DeployedTask {
  readonly family: string;
  readonly taskRole: Role;
  readonly executionRole: Role;
  // biome-ignore lint/suspicious/noExplicitAny: container definitions are as CloudFormation has them
  readonly containers: readonly any[];
}

export interface Deployment {
  /** ARNs of all roles in the templates. */
  readonly roles: readonly string[];
  /** By the name in their logs and metrics: `observe`, `store`, `register`, `resync`, `registration-cleanup`. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  readonly tasks: readonly DeployedTask[];
  /** Tags of the roles, by their ARN. */
  readonly tags: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Policies of queues, topics and event buses by the URL or ARN that they belong to, and who may assume a role by its ARN. */
  readonly resourcePolicies: ReadonlyMap<string, PolicyDocument>;
  /** @throws Error where there is no such role, or it has policies that are not in the templates */
  readonly role: (arn: string) => Role;
  readonly rules: readonly Resource[];
  readonly schedules: readonly { readonly role: Role; readonly target: string; readonly deadLetters: string }[];
}

const TYPES = [
  ...['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Lambda::Function', 'AWS::Lambda::EventSourceMapping'],
  ...['AWS::Lambda::EventInvokeConfig', 'AWS::ECS::TaskDefinition', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'],
  ...['AWS::Events::Rule', 'AWS::Scheduler::Schedule', 'AWS::Logs::LogGroup', 'AWS::Events::EventBusPolicy'],
];

export function deploy(settings: Context): Deployment {
  const all = literalResources(synthesise({ deployment: 'discovery', ...settings }).stacks, TYPES);
  const of = (type: string): Resource[] => all.filter((it) => it.type === type);

  /** @throws Error where a role has policies that are not in the templates */
  function role(arn: string): Role {
    const name = arn.slice(arn.lastIndexOf('/') + 1);
    const properties = of('AWS::IAM::Role').find((it) => roleName(it) === name)?.properties;
    if (properties === undefined) throw new Error(`no role ${arn}`);
    if (properties.ManagedPolicyArns) throw new Error(`${arn} has managed policies`);
    const attached = of('AWS::IAM::Policy').filter(({ properties: { Roles = [] } }) => Roles.includes(name));
    const inline = properties.Policies ?? [];
    return { arn, policies: [...inline, ...attached.map((it) => it.properties)].map((it) => it.PolicyDocument) };
  }

  const sourcesOf = (functionName: string): string[] =>
    of('AWS::Lambda::EventSourceMapping')
      .filter(({ properties }) => properties.FunctionName === functionName)
      .map(({ properties }) => properties.EventSourceArn);
  const failuresOf = (functionName: string): string | undefined =>
    of('AWS::Lambda::EventInvokeConfig').find(({ properties }) => properties.FunctionName === functionName)?.properties
      .DestinationConfig.OnFailure.Destination;

  const functions = of('AWS::Lambda::Function').flatMap(({ id, properties }): [string, DeployedFunction][] => {
    const environment = properties.Environment?.Variables ?? {};
    const name = environment.POWERTOOLS_SERVICE_NAME;
    if (name === undefined) return [];
    const found = {
      ...{ name, environment, arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}` },
      ...{ role: role(properties.Role), logGroup: properties.LoggingConfig.LogGroup },
      ...{ eventSources: sourcesOf(id), onFailure: failuresOf(id), isInVpc: properties.VpcConfig !== undefined },
    };
    return [[name, found]];
  });
  const tasks = of('AWS::ECS::TaskDefinition').map(({ properties }) => ({
    family: properties.Family,
    taskRole: role(properties.TaskRoleArn),
    executionRole: role(properties.ExecutionRoleArn),
    containers: properties.ContainerDefinitions,
  }));
  const trusts = of('AWS::IAM::Role').map((it): [string, PolicyDocument] => [
    roleArn(it),
    it.properties.AssumeRolePolicyDocument,
  ]);
  const ofBuses = Map.groupBy(of('AWS::Events::EventBusPolicy'), ({ properties }) => properties.Statement.Resource);
  const busPolicies = [...ofBuses].map(([bus, policies]): [string, PolicyDocument] => [
    bus,
    { Version: '2012-10-17', Statement: policies.map(({ properties }) => properties.Statement) },
  ]);
  const resourcePolicies = [...of('AWS::SQS::QueuePolicy'), ...of('AWS::SNS::TopicPolicy')].flatMap(
    ({ properties: { Queues = [], Topics = [], PolicyDocument } }) =>
      [...Queues, ...Topics].map((it: string): [string, PolicyDocument] => [it, PolicyDocument]),
  );
  const schedules = of('AWS::Scheduler::Schedule').map(({ properties: { Target } }) => ({
    ...{ role: role(Target.RoleArn), target: Target.Arn, deadLetters: Target.DeadLetterConfig.Arn },
  }));
  return {
    roles: of('AWS::IAM::Role').map(roleArn),
    role,
    tags: new Map(of('AWS::IAM::Role').map((it) => [roleArn(it), tagsOf(it)])),
    functions: new Map(functions),
    resourcePolicies: new Map([...resourcePolicies, ...busPolicies, ...trusts]),
    ...{ tasks, schedules, rules: of('AWS::Events::Rule') },
  };
}

const tagsOf = ({ properties: { Tags = [] } }: Resource): Record<string, string> =>
  Object.fromEntries(Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
const roleName = ({ id, properties }: Resource): string => properties.RoleName ?? id;
const roleArn = (resource: Resource): string => `arn:aws:iam::${ACCOUNT}:role/${roleName(resource)}`;

export function functionOf({ functions }: Deployment, name: string): DeployedFunction {
  const found = functions.get(name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}
