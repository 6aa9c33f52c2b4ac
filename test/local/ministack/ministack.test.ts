import { access } from 'node:fs/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loopbackClientConfig } from '../../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../../infra/local/ministack/ministack.ts';

const directory = '.local/test/ministack-test';

describe('the emulated AWS', () => {
  let aws: Ministack;

  beforeAll(async () => {
    aws = await startMinistack({ directory });
  }, 120_000);

  afterAll(() => aws.stop());

  it('listens on loopback', () => {
    expect(aws.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('lets the stand-in for ECS publish aws.* events, which AWS refuses to customers', async () => {
    const events = new EventBridgeClient(loopbackClientConfig(aws.endpoint));
    const answer = await events.send(
      new PutEventsCommand({
        Entries: [{ Source: 'aws.ecs', DetailType: 'ECS Task State Change', Detail: '{}' }],
      }),
    );
    expect(answer.FailedEntryCount).toBe(0);
  });

  it('refuses a folder from which Lambda functions would not find the AWS SDK', async () => {
    await expect(startMinistack({ directory: '/tmp/elsewhere' })).rejects.toThrow('outside the project');
  });

  it('refuses an endpoint that is not on this machine', async () => {
    const environment = { AWS_ENDPOINT_URL_ECS: 'https://ecs.us-east-1.amazonaws.com' };
    await expect(startMinistack({ directory: `${directory}-refused`, environment })).rejects.toThrow(
      'not on this machine',
    );
  });

  it('leaves neither process nor file behind', async () => {
    await aws.stop();
    expect(() => process.kill(aws.process.pid, 0)).toThrow();
    await expect(access(directory)).rejects.toThrow();
    await expect(fetch(aws.endpoint)).rejects.toThrow();
  });
});
