import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { targetSyncSettings } from '../../../containers/target-sync/operator/settings.ts';
import { targetSyncClients } from '../../../functions/aws/target-sync-clients.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';

const original = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in original)) delete process.env[name];
});

interface HttpRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

/** Where the two clients connect to, without connecting. */
async function hosts(queueUrl: string, environment: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  Object.assign(process.env, credentials, environment);
  const settings = targetSyncSettings({
    ...{ DISCOVERY_DEPLOYMENT: 'd', DISCOVERY_CLUSTERS: 'prod', DISCOVERY_SHARDS: '1' },
    TARGET_SYNC_QUEUE_URL: queueUrl,
  });
  const { sqs, ssm } = targetSyncClients(settings.region);
  const found: string[] = [];
  const handle = async ({ protocol, hostname, port }: HttpRequest): Promise<never> => {
    found.push(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
    throw new Error('not sent');
  };
  for (const { config } of [sqs, ssm]) config.requestHandler.handle = handle;
  await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).rejects.toThrow('not sent');
  await expect(ssm.send(new GetParametersCommand({ Names: ['a'] }))).rejects.toThrow('not sent');
  return found;
}

const DUAL_STACK = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
const FIPS = { AWS_USE_FIPS_ENDPOINT: 'true' };

describe('the AWS of target-sync', () => {
  it('is that of the Region in the URL of the queue, in each form of the case that was reported', async () => {
    const file = join(PROJECT_ROOT, 'test/fixtures/cases/target-sync-dual-stack-and-fips.json');
    const { input } = JSON.parse(await readFile(file, 'utf8')) as { input: { TARGET_SYNC_QUEUE_URL: string[] } };
    const [dualStack = '', old = '', fips = ''] = input.TARGET_SYNC_QUEUE_URL;
    expect(await hosts(dualStack, DUAL_STACK)).toEqual([
      'https://sqs.eu-north-1.api.aws',
      'https://ssm.eu-north-1.api.aws',
    ]);
    delete process.env['AWS_USE_DUALSTACK_ENDPOINT'];
    expect(await hosts(old)).toEqual(['https://sqs.eu-north-1.amazonaws.com', 'https://ssm.eu-north-1.amazonaws.com']);
    // In GovCloud the standard endpoints are FIPS ones, says the SDK (SSM's and SQS's endpoint rules).
    expect(await hosts(fips, FIPS)).toEqual([
      'https://sqs.us-gov-west-1.amazonaws.com',
      'https://ssm.us-gov-west-1.amazonaws.com',
    ]);
  });

  it.each([
    // The URL is that of CloudFormation, what the environment says counts for both.
    ['us-east-1.amazonaws.com', FIPS, ['sqs-fips.us-east-1.amazonaws.com', 'ssm-fips.us-east-1.amazonaws.com']],
    [
      'us-east-1.amazonaws.com',
      { ...FIPS, ...DUAL_STACK },
      ['sqs-fips.us-east-1.api.aws', 'ssm-fips.us-east-1.api.aws'],
    ],
    ['cn-north-1.amazonaws.com.cn', {}, ['sqs.cn-north-1.amazonaws.com.cn', 'ssm.cn-north-1.amazonaws.com.cn']],
    [
      'cn-north-1.amazonaws.com.cn',
      DUAL_STACK,
      ['sqs.cn-north-1.api.amazonwebservices.com.cn', 'ssm.cn-north-1.api.amazonwebservices.com.cn'],
    ],
    ['us-iso-east-1.c2s.ic.gov', {}, ['sqs.us-iso-east-1.c2s.ic.gov', 'ssm.us-iso-east-1.c2s.ic.gov']],
    ['eusc-de-east-1.amazonaws.eu', {}, ['sqs.eusc-de-east-1.amazonaws.eu', 'ssm.eusc-de-east-1.amazonaws.eu']],
  ])('for a queue at sqs.%s with %j is %j', async (host, environment, expected) => {
    expect(await hosts(`https://sqs.${host}/111122223333/q`, environment as Record<string, string>)).toEqual(
      expected.map((it) => `https://${it}`),
    );
  });

  it('is where the environment says instead of any of it', async () => {
    const url = 'https://sqs.eu-north-1.amazonaws.com/111122223333/q';
    expect(await hosts(url, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toEqual(Array(2).fill('http://127.0.0.1:1'));
    const each = { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:2', AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:3' };
    expect(await hosts(url, each)).toEqual(['http://127.0.0.1:2', 'http://127.0.0.1:3']);
  });
});
