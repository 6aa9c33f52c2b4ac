/**
 * What AWS knows by a name that the template gives. CloudFormation makes the new resource before it removes the old one, so
 * one that keeps its name cannot be replaced (user guide, "Name type": "you can't perform updates that require replacement
 * of this resource").
 */

/** A resource of a CloudFormation template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Naming {
  readonly property: string;
  /** The property that names what the name is unique in; without it, the account and Region. */
  readonly within?: string;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::APS::RuleGroupsNamespace': { property: 'Name', within: 'Workspace' },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName' },
  'AWS::ECS::CapacityProvider': { property: 'Name' },
  'AWS::ECS::Cluster': { property: 'ClusterName' },
  'AWS::ECS::Service': { property: 'ServiceName', within: 'Cluster' },
  'AWS::SNS::Topic': { property: 'TopicName' },
  'AWS::SQS::Queue': { property: 'QueueName' },
  'AWS::SSM::Parameter': { property: 'Name' },
  'AWS::ServiceDiscovery::PrivateDnsNamespace': { property: 'Name', within: 'Vpc' },
  'AWS::ServiceDiscovery::Service': { property: 'Name', within: 'NamespaceId' },
};

/** Properties that look like a name of the resource, and why two resources may have the same one. */
const NO_FIXED_NAMES: Readonly<Record<string, string>> = {
  'AWS::APS::Workspace.Alias': 'AMP: an alias does not have to be unique.',
  'AWS::Grafana::Workspace.Name': 'Managed Grafana knows a workspace by its id.',
  'AWS::IAM::Policy.PolicyName': 'An inline policy: CloudFormation puts it on the role again.',
};

export interface FixedName {
  readonly name: string;
  /** Name and what it is unique in, as JSON. */
  readonly identity: string;
}

/** Undefined: CloudFormation makes up a name, or two resources may have the same one. */
export function fixedName({ Type, Properties = {} }: Resource, stackName: string): FixedName | undefined {
  const naming = NAMINGS[Type];
  const name = naming && Properties[naming.property];
  if (naming === undefined || name === undefined) return undefined;
  const within = naming.within === undefined ? '' : JSON.stringify(Properties[naming.within]);
  // What another resource of the stack is called, no other stack can know.
  const home = /"(Ref|Fn::GetAtt)":/.test(within) ? stackName : '';
  return {
    name: typeof name === 'string' ? name : JSON.stringify(name),
    identity: JSON.stringify([Type, home, within, name]),
  };
}

/** Properties that a resource may be named by and that stand in neither list: `AWS::Type::Of.Property`. */
export const unknownNames = ({ Type, Properties = {} }: Resource): string[] =>
  Object.keys(Properties)
    .filter((property) => property === 'Name' || property === 'Alias' || property === `${Type.split('::')[2]}Name`)
    .filter((property) => NAMINGS[Type]?.property !== property)
    .map((property) => `${Type}.${property}`)
    .filter((property) => NO_FIXED_NAMES[property] === undefined);
