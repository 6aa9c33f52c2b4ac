/** The AWS clients of the command line, which reads its Region, profile and endpoint as the AWS CLI does. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { EcsClients, Sender } from '../../../functions/aws/clients.ts';
import type { CredentialProvider } from '../../../functions/aws/credentials.ts';
import { type Exchange, watched } from './requests.ts';

export interface AccountClients {
  readonly cloudFormation: Sender<CloudFormationClient>;
  readonly cloudWatch: Sender<CloudWatchClient>;
  readonly ec2: Sender<EC2Client>;
  readonly ecs: Sender<ECSClient>;
  readonly lambda: Sender<LambdaClient>;
  readonly logs: Sender<CloudWatchLogsClient>;
  readonly serviceDiscovery: Sender<ServiceDiscoveryClient>;
  readonly sqs: Sender<SQSClient>;
  readonly ssm: Sender<SSMClient>;
  readonly sts: Sender<STSClient>;
  /** For clusters of another account or Region. */
  readonly inRegion: (region: string, credentials: CredentialProvider) => EcsClients;
}

export interface ConnectionOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** A person waits: rather an error soon than an answer late. */
const PATIENCE = {
  maxAttempts: 4,
  requestHandler: { requestTimeout: 20_000, throwOnRequestTimeout: true, connectionTimeout: 5000 },
} as const;
/** The answer of a resync takes as long as a Lambda may run, and asking twice would run it twice. */
const RESYNC_PATIENCE = {
  maxAttempts: 1,
  requestHandler: { requestTimeout: 16 * 60_000, throwOnRequestTimeout: true, connectionTimeout: 5000 },
} as const;

/** @param onExchange is told of every answer */
export function accountClients(
  { region, profile, endpointUrl }: ConnectionOptions,
  onExchange?: (exchange: Exchange) => void,
): AccountClients {
  const where = {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
  };
  const options = { ...PATIENCE, ...where };
  return {
    cloudFormation: watched(new CloudFormationClient(options), 'cloudformation', onExchange),
    cloudWatch: watched(new CloudWatchClient(options), 'cloudwatch', onExchange),
    ec2: watched(new EC2Client(options), 'ec2', onExchange),
    ecs: watched(new ECSClient(options), 'ecs', onExchange),
    lambda: watched(new LambdaClient({ ...RESYNC_PATIENCE, ...where }), 'lambda', onExchange),
    logs: watched(new CloudWatchLogsClient(options), 'logs', onExchange),
    serviceDiscovery: watched(new ServiceDiscoveryClient(options), 'servicediscovery', onExchange),
    // The URL of a queue names a host of its own; the endpoint that was asked for wins.
    sqs: watched(new SQSClient({ ...options, useQueueUrlAsEndpoint: false }), 'sqs', onExchange),
    ssm: watched(new SSMClient(options), 'ssm', onExchange),
    sts: watched(new STSClient(options), 'sts', onExchange),
    inRegion(region, credentials) {
      const elsewhere = { ...options, region, credentials };
      const ec2 = watched(new EC2Client(elsewhere), 'ec2', onExchange);
      return { ecs: watched(new ECSClient(elsewhere), 'ecs', onExchange), ec2: async () => ec2 };
    },
  };
}
