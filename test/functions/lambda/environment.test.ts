import { describe, expect, it } from '@jest/globals';
import {
  InvalidEnvironment,
  readOwnership,
  readQueueUrls,
  readSettings,
  readTopicArn,
} from '../../../functions/lambda/environment.ts';

const environment = {
  DISCOVERY_DEPLOYMENT: 'discovery',
  DISCOVERY_CLUSTERS: 'prod,staging',
  DISCOVERY_HERE: 'arn:aws:ecs:eu-west-1:111122223333',
  DISCOVERY_SHARDS: '4',
  DISCOVERY_SHARD_TIER: 'Advanced',
  DISCOVERY_NAMESPACES_PARAMETER: 'ECS-ServiceDiscovery-Namespaces',
  DISCOVERY_SCRAPE_RULES: '[{"service":"shop-*","port":3000,"path":"/stats","job":"shop"}]',
  DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT: '50',
};

describe('the environment of a Lambda', () => {
  it('holds all settings', () => {
    expect(readSettings(environment)).toEqual({
      deployment: 'discovery',
      clusters: ['prod', 'staging'],
      here: 'arn:aws:ecs:eu-west-1:111122223333',
      shards: 4,
      shardTier: 'Advanced',
      namespacesParameter: 'ECS-ServiceDiscovery-Namespaces',
      scrapeRules: [{ service: 'shop-*', port: 3000, path: '/stats', job: 'shop' }],
      dockerLabels: [],
      healthyOnly: false,
      labels: {},
      resyncRemovalLimitPercent: 50,
    });
  });

  it.each([undefined, ''])('may do without Cloud Map and rules: %p', (nothing) => {
    const without = { ...environment, DISCOVERY_NAMESPACES_PARAMETER: nothing, DISCOVERY_SCRAPE_RULES: nothing };
    expect(readSettings(without)).toMatchObject({ namespacesParameter: undefined, scrapeRules: [] });
  });

  it('may name docker labels to carry', () => {
    const labels = { ...environment, DISCOVERY_DOCKER_LABELS: 'env,com.example.*' };
    expect(readSettings(labels).dockerLabels).toEqual(['env', 'com.example.*']);
  });

  it('may ask for further labels, in words that are known', () => {
    const labels = { extra: ['revision'], tags: ['team'], meta: true };
    const named = { ...environment, DISCOVERY_LABELS: JSON.stringify(labels) };
    expect(readSettings(named).labels).toEqual(labels);
    const unknown = { ...environment, DISCOVERY_LABELS: '{"extra":["zone"]}' };
    expect(() => readSettings(unknown)).toThrow('DISCOVERY_LABELS is not a JSON object of labels');
  });

  it('may hold the external id by which clusters elsewhere are looked at', () => {
    expect(readSettings({ ...environment, DISCOVERY_EXTERNAL_ID: 'x-1' })).toMatchObject({ externalId: 'x-1' });
    expect(readSettings({ ...environment, DISCOVERY_EXTERNAL_ID: '' })).not.toHaveProperty('externalId');
  });

  it.each([
    ['true', true],
    ['', false],
  ])('may ask for healthy tasks alone: %j', (value, healthyOnly) => {
    expect(readSettings({ ...environment, DISCOVERY_HEALTHY_ONLY: value }).healthyOnly).toBe(healthyOnly);
  });

  it.each([
    ['DISCOVERY_DEPLOYMENT', '', 'is not set: deploy the stack again'],
    ['DISCOVERY_CLUSTERS', undefined, 'is not set: deploy the stack again'],
    ['DISCOVERY_SHARDS', 'four', 'must be a whole number'],
    ['DISCOVERY_SHARDS', '1.5', 'must be a whole number'],
    ['DISCOVERY_SHARDS', '-1', 'must be a whole number'],
    ['DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT', '50%', 'must be a whole number'],
    ['DISCOVERY_SHARD_TIER', 'standard', 'must be Standard or Advanced'],
    ['DISCOVERY_SHARD_TIER', 'toString', 'must be Standard or Advanced'],
    ['DISCOVERY_SCRAPE_RULES', '[', 'is not a JSON array of scrape rules'],
    ['DISCOVERY_SCRAPE_RULES', '{}', 'is not a JSON array of scrape rules'],
    ['DISCOVERY_SCRAPE_RULES', '[{"port":3000}]', 'is not a JSON array of scrape rules'],
  ])('with %s=%p is refused by the name of the variable', (name, value, problem) => {
    const read = () => readSettings({ ...environment, [name]: value });
    expect(read).toThrow(InvalidEnvironment);
    expect(read).toThrow(`environment variable ${name} ${problem}`);
  });

  describe('with the queues of a stage', () => {
    const urls = {
      DISCOVERY_QUEUE_URLS: 'https://sqs/1/stops,https://sqs/1/runs',
      DISCOVERY_DEAD_LETTER_QUEUE_URL: 'https://sqs/1/dead',
    };
    const arnOf = (name: string) => `arn:aws:sqs:eu-west-1:111122223333:${name}`;

    it.each(['stops', 'runs'])('knows that of a batch by its ARN: %s', (name) => {
      expect(readQueueUrls(urls, arnOf(name))).toEqual({
        queueUrl: `https://sqs/1/${name}`,
        deadLetterQueueUrl: 'https://sqs/1/dead',
      });
    });

    it('refuses a batch of another queue', () => {
      expect(() => readQueueUrls(urls, arnOf('ops'))).toThrow(
        'queue ops is not in DISCOVERY_QUEUE_URLS: deploy the stack again',
      );
    });

    it('refuses to do without dead letters', () => {
      expect(() => readQueueUrls({ ...urls, DISCOVERY_DEAD_LETTER_QUEUE_URL: undefined }, arnOf('stops'))).toThrow(
        'environment variable DISCOVERY_DEAD_LETTER_QUEUE_URL is not set: deploy the stack again',
      );
    });
  });

  it('names the topic', () => {
    expect(readTopicArn({ DISCOVERY_TOPIC_ARN: 'arn' })).toBe('arn');
    expect(() => readTopicArn({})).toThrow('environment variable DISCOVERY_TOPIC_ARN is not set');
  });

  it('of the cleanup of Cloud Map needs to know only what this deployment owns', () => {
    expect(readOwnership({ DISCOVERY_DEPLOYMENT: 'discovery', DISCOVERY_NAMESPACES_PARAMETER: '' })).toEqual({
      deployment: 'discovery',
      clusters: [],
      namespacesParameter: undefined,
    });
  });
});
