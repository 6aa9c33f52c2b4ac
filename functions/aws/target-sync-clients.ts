import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { clientOptions, PATIENCE } from './clients.ts';

/**
 * The clients of target-sync. Where they connect to, the SDK reads from the environment: AWS_USE_FIPS_ENDPOINT,
 * AWS_USE_DUALSTACK_ENDPOINT, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_SSM. Of itself its client of SQS
 * would go to the host of the queue's URL whatever they say; the URL is one from CloudFormation, without FIPS or dual stack.
 */
export const targetSyncClients = (region: string) => ({
  sqs: new SQSClient({ ...clientOptions(PATIENCE.targetSyncQueue), region, useQueueUrlAsEndpoint: false }),
  ssm: new SSMClient({ ...clientOptions(PATIENCE.targetSync), region }),
});
