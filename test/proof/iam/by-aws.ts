/** What AWS itself does with the roles of a deployment, with where AWS says so: no code of ours sends these requests. */
import type { DeployedFunction, DeployedTask, Deployment } from '../deployed/deployment.ts';
import { REGION } from '../deployed/literal.ts';
import { type Ask, arn } from './asks.ts';

const ask = (action: string, resource: string): Ask => ({ action, resource, context: {} });

/** Lambda developer guide, "Defining Lambda function permissions with an execution role". */
const writesLogs = (logGroup: string): Ask[] =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) =>
    ask(action, arn('logs', `log-group:${logGroup}:log-stream:2026/11/25/any`)),
  );

/** Amazon SQS developer guide, "Configuring an Amazon SQS queue to trigger an AWS Lambda function", prerequisites. */
const pollsQueue = (queueArn: string): Ask[] =>
  ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((action) => ask(action, queueArn));

/** AWSLambdaVPCAccessExecutionRole, version 3; Lambda developer guide, "Giving Lambda functions access to a VPC". */
const placesInVpc: readonly Ask[] = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
].map((action) => ask(action, '*'));

export const byLambda = ({ logGroup, eventSources, onFailure, isInVpc }: DeployedFunction): readonly Ask[] => [
  ...writesLogs(logGroup),
  ...eventSources.flatMap(pollsQueue),
  // Lambda developer guide, "Capturing records of Lambda asynchronous invocations".
  ...(onFailure === undefined ? [] : [ask('sqs:SendMessage', onFailure)]),
  ...(isInVpc ? placesInVpc : []),
];

/**
 * Amazon ECS developer guide, "Amazon ECS task execution IAM role", and for `secrets` its sections on Systems Manager and
 * on Secrets Manager.
 *
 * @param keys ARNs of the KMS keys that secrets of the settings are encrypted with
 */
export function byEcs({ containers }: DeployedTask, keys: readonly string[]): readonly Ask[] {
  return containers.flatMap(({ Image, LogConfiguration, Secrets = [] }) => [
    ...(isInEcr(Image) ? pullsImage(Image) : []),
    ...writesLogs(LogConfiguration.Options['awslogs-group']),
    ...Secrets.flatMap(({ ValueFrom }: { ValueFrom: string }) => readsSecret(ValueFrom, keys)),
  ]);
}

function readsSecret(valueFrom: string, keys: readonly string[]): readonly Ask[] {
  if (!valueFrom.includes(':secretsmanager:')) return [ask('ssm:GetParameters', valueFrom)];
  // AWS Secrets Manager user guide, "Secret encryption and decryption": with the rights of who asks for the value.
  const context = { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` };
  return [
    ask('secretsmanager:GetSecretValue', valueFrom.split(':').slice(0, 7).join(':')),
    ...keys.map((resource) => ({ action: 'kms:Decrypt', resource, context })),
  ];
}

const isInEcr = (image: string): boolean => /^\d{12}\.dkr\.ecr\./.test(image);

function pullsImage(image: string): Ask[] {
  const repository = image.slice(image.indexOf('/') + 1, image.lastIndexOf(':'));
  const actions = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
  return [
    ask('ecr:GetAuthorizationToken', '*'),
    ...actions.map((action) => ask(action, arn('ecr', `repository/${repository}`))),
  ];
}

/** ADOT writes to the workspace of its URL (Amazon Managed Service for Prometheus user guide, "IAM permissions"). */
export const byCollector = ({ containers }: DeployedTask): readonly Ask[] =>
  containers
    .flatMap(({ Environment = [] }): { Name: string; Value: string }[] => Environment)
    .filter(({ Name }) => Name === 'REMOTE_WRITE_URL')
    .map(({ Value }) => {
      const [, id = ''] = /\/workspaces\/<?([^/.>]+)/.exec(Value) ?? [];
      return ask('aps:RemoteWrite', arn('aps', `workspace/${id}`));
    });

/** EventBridge Scheduler user guide, "Setting up the execution role" and "Configuring a dead-letter queue". */
export const byScheduler = ({ target, deadLetters }: Deployment['schedules'][number]): readonly Ask[] => [
  ask('lambda:InvokeFunction', target),
  ask('sqs:SendMessage', deadLetters),
];
