import { describe, expect, it } from '@jest/globals';
import { targetSyncSettings } from '../../../containers/target-sync/operator/settings.ts';

const REQUIRED = {
  DISCOVERY_DEPLOYMENT: 'discovery',
  DISCOVERY_CLUSTERS: 'prod',
  DISCOVERY_SHARDS: '4',
  TARGET_SYNC_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/changes',
};

describe('settings of target-sync', () => {
  it('have defaults for everything that is not about the deployment', () => {
    expect(targetSyncSettings(REQUIRED)).toEqual({
      deployment: 'discovery',
      clusters: ['prod'],
      shards: 4,
      queueUrl: REQUIRED.TARGET_SYNC_QUEUE_URL,
      directory: '/targets',
      refreshSeconds: 300,
      healthPort: 13134,
      listen: '127.0.0.1',
      collector: { index: 0, count: 1 },
      region: 'eu-west-1',
    });
  });

  it('are read from the environment', () => {
    const settings = targetSyncSettings({
      ...REQUIRED,
      DISCOVERY_CLUSTERS: ' prod, test,prod,prod.eu-north-1.444455556666,',
      TARGET_SYNC_DIRECTORY: '/var/targets',
      TARGET_SYNC_REFRESH_SECONDS: '60',
      TARGET_SYNC_HEALTH_PORT: '9000',
      TARGET_SYNC_LISTEN: '0.0.0.0',
      TARGET_SYNC_COLLECTOR: '2/3',
      AWS_REGION: 'us-east-1',
    });
    expect(settings).toMatchObject({
      clusters: ['prod', 'test', 'prod.eu-north-1.444455556666'],
      directory: '/var/targets',
      refreshSeconds: 60,
      healthPort: 9000,
      listen: '0.0.0.0',
      collector: { index: 2, count: 3 },
      region: 'us-east-1',
    });
  });

  it.each([
    ['https://sqs.eu-north-1.api.aws/444455556666/q', 'eu-north-1'],
    ['https://eu-north-1.queue.amazonaws.com/444455556666/q', 'eu-north-1'],
    ['https://vpce-0a1b-2c3d.sqs.eu-north-1.vpce.amazonaws.com/444455556666/q', 'eu-north-1'],
    ['https://queue.amazonaws.com/444455556666/q', 'us-east-1'],
  ])('find the Region in %s', (url, region) => {
    expect(targetSyncSettings({ ...REQUIRED, TARGET_SYNC_QUEUE_URL: url }).region).toBe(region);
  });

  it.each(Object.keys(REQUIRED))('do not do without %s', (variable) => {
    expect(() => targetSyncSettings({ ...REQUIRED, [variable]: ' ' })).toThrow(`${variable} is not set.`);
  });

  it.each([
    ['DISCOVERY_SHARDS', '0', 'DISCOVERY_SHARDS is "0": set a whole number from 1 to 10000.'],
    ['DISCOVERY_CLUSTERS', 'a,../etc', 'DISCOVERY_CLUSTERS is "a,../etc": set the names of ECS clusters'],
    ['DISCOVERY_CLUSTERS', 'prod.eu-north-1.44', 'or name.region.account for one elsewhere'],
    ['DISCOVERY_CLUSTERS', `${'x'.repeat(220)}.eu-north-1.444455556666`, 'each of up to 240 letters'],
    ['DISCOVERY_CLUSTERS', 'x'.repeat(241), 'each of up to 240 letters'],
    ['DISCOVERY_CLUSTERS', ',', 'DISCOVERY_CLUSTERS is ",": set the names'],
    ['TARGET_SYNC_QUEUE_URL', 'changes', 'TARGET_SYNC_QUEUE_URL is "changes": set the URL of an SQS queue.'],
    ['TARGET_SYNC_QUEUE_URL', 'file:///changes', 'set the URL of an SQS queue.'],
    ['TARGET_SYNC_QUEUE_URL', 'http://localhost:4566/0/changes', 'AWS_REGION is not set'],
    ['TARGET_SYNC_REFRESH_SECONDS', '-5', 'TARGET_SYNC_REFRESH_SECONDS is "-5": set a whole number from 1 to 86400.'],
    ['TARGET_SYNC_HEALTH_PORT', '70000', 'TARGET_SYNC_HEALTH_PORT is "70000"'],
    ['TARGET_SYNC_LISTEN', 'everybody', 'TARGET_SYNC_LISTEN is "everybody": set an IP address of this host'],
    ['TARGET_SYNC_COLLECTOR', '3/3', 'TARGET_SYNC_COLLECTOR is "3/3": set which collector this is, counted from 0'],
    ['TARGET_SYNC_COLLECTOR', '1', 'such as 1/3'],
  ])('refuse %s=%s with a message that says what is accepted', (variable, value, message) => {
    expect(() => targetSyncSettings({ ...REQUIRED, [variable]: value })).toThrow(message);
  });
});
