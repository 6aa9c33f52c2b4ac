/** What MiniStack's IAM refuses the deployed functions, and how to let them have it all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';

/** A request that was refused. */
export interface Denial {
  readonly action: string;
  /** A policy of the resource refused it, whatever the role may. */
  readonly byResource: boolean;
}

const IDENTITY = /is not authorized to perform: (\S+)(?: on resource: \S+)? because no identity-based policy/g;
/** Its SNS says so in its own words. */
const RESOURCE = /is not authorized to perform: (sns:Publish) on resource: arn:/g;

/** What a text, such as a line of a log, says was refused. */
export const denialsIn = (text: string): Denial[] => [
  ...[...text.matchAll(IDENTITY)].map(([, action = '']) => ({ action, byResource: false })),
  ...[...text.matchAll(RESOURCE)].map(([, action = '']) => ({ action, byResource: true })),
];

export const roleOf = async (lambda: LambdaClient, FunctionName: string): Promise<string> => {
  const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Role.slice(Role.lastIndexOf('/') + 1);
};

/** Makes a stack of a few resources and returns its outputs. There is no SDK client of IAM among the dependencies. */
export async function makeStack(
  endpoint: string,
  StackName: string,
  template: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient(loopbackClientConfig(endpoint));
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template), Capabilities }));
  for (;;) {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    if (stack?.StackStatus === 'CREATE_COMPLETE') {
      return Object.fromEntries((stack.Outputs ?? []).map((it) => [it.OutputKey ?? '', it.OutputValue ?? '']));
    }
    if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') throw new Error(`${StackName}: ${stack?.StackStatusReason}`);
    await sleep(50);
  }
}

/** A policy that says something of an action on everything. */
export const policyStack = (role: string, Effect: 'Allow' | 'Deny', Action: string) => ({
  Resources: {
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: `${Effect}-${Action.replace(':', '-')}`,
        Roles: [role],
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*' }] },
      },
    },
  },
});

/**
 * The topic refuses everybody whose `aws:PrincipalArn` is none of our roles. On AWS that is the ARN of the role; MiniStack
 * takes the one of the session, so the sessions of the same roles are let in.
 */
export async function letSessionsPublish(endpoint: string, TopicArn: string): Promise<void> {
  const client = new SNSClient(loopbackClientConfig(endpoint));
  const { Attributes = {} } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
  const policy = JSON.parse(Attributes['Policy'] ?? '{}') as { Statement: { Condition?: Record<string, unknown> }[] };
  for (const statement of policy.Statement) {
    const { 'aws:PrincipalArn': roles } = (statement.Condition?.['ArnNotEquals'] ?? {}) as Record<string, string[]>;
    if (roles === undefined) continue;
    const sessions = [roles]
      .flat()
      .map((it) => `${it.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/*`);
    statement.Condition = { ArnNotLike: { 'aws:PrincipalArn': sessions } };
  }
  const AttributeValue = JSON.stringify(policy);
  await client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
}
