/** Reads the environment of a Lambda, the only place that does. */
import * as z from 'zod/mini';
import { ENVIRONMENT } from '../discovery/names.ts';
import { scrapeRuleShape } from '../discovery/selection/scrape-rule.ts';
import { PARAMETER_BYTES, type ParameterTier } from '../discovery/shard/shard-codec.ts';
import { type LabelSettings, labelSettingsShape } from '../discovery/target/task-labels.ts';
import type { DiscoverySettings } from './settings.ts';

export class InvalidEnvironment extends Error {
  override readonly name = 'InvalidEnvironment';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws InvalidEnvironment naming the variable. The CDK app sets them all; somebody changed the function by hand. */
export function readSettings(environment: Environment): DiscoverySettings {
  const namespacesParameter = environment[ENVIRONMENT.namespacesParameter];
  const externalId = environment[ENVIRONMENT.externalId];
  return {
    deployment: required(environment, ENVIRONMENT.deployment),
    clusters: required(environment, ENVIRONMENT.clusters).split(','),
    here: required(environment, ENVIRONMENT.here),
    ...(externalId && { externalId }),
    shards: wholeNumber(environment, ENVIRONMENT.shards),
    shardTier: tier(environment, ENVIRONMENT.shardTier),
    namespacesParameter: namespacesParameter || undefined,
    scrapeRules: rules(environment, ENVIRONMENT.scrapeRules),
    labels: labels(environment, ENVIRONMENT.labels),
    healthyOnly: environment[ENVIRONMENT.healthyOnly] === 'true',
    dockerLabels: (environment[ENVIRONMENT.dockerLabels] ?? '').split(',').filter((name) => name !== ''),
    resyncRemovalLimitPercent: wholeNumber(environment, ENVIRONMENT.resyncRemovalLimitPercent),
  };
}

/** What tells the Cloud Map services of this deployment from others; no cluster, for it looks at no task. */
export const readOwnership = (
  environment: Environment,
): Pick<DiscoverySettings, 'deployment' | 'clusters' | 'namespacesParameter'> => ({
  deployment: required(environment, ENVIRONMENT.deployment),
  clusters: [],
  namespacesParameter: environment[ENVIRONMENT.namespacesParameter] || undefined,
});

/** ARN of the topic that announces changes of targets. */
export const readTopicArn = (environment: Environment): string => required(environment, ENVIRONMENT.topicArn);

interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/**
 * URLs of the queue that a batch comes from, and of its dead-letter queue.
 *
 * @param arn of the queue, as Lambda's event source names it
 * @throws InvalidEnvironment when it is none of the queues that the stage reads
 */
export function readQueueUrls(environment: Environment, arn: string): QueueUrls {
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  const urls = required(environment, ENVIRONMENT.queueUrls).split(',');
  const queueUrl = urls.find((url) => url.endsWith(`/${name}`));
  if (queueUrl === undefined) {
    throw new InvalidEnvironment(`queue ${name} is not in ${ENVIRONMENT.queueUrls}: deploy the stack again`);
  }
  return { queueUrl, deadLetterQueueUrl: required(environment, ENVIRONMENT.deadLetterQueueUrl) };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new InvalidEnvironment(`environment variable ${name} is not set: deploy the stack again`);
  return value;
}

function wholeNumber(environment: Environment, name: string): number {
  const text = required(environment, name);
  if (!/^\d+$/.test(text)) throw new InvalidEnvironment(`environment variable ${name} must be a whole number`);
  return Number(text);
}

function tier(environment: Environment, name: string): ParameterTier {
  const text = required(environment, name);
  if (!Object.hasOwn(PARAMETER_BYTES, text)) {
    throw new InvalidEnvironment(`environment variable ${name} must be ${Object.keys(PARAMETER_BYTES).join(' or ')}`);
  }
  return text as ParameterTier;
}

function labels(environment: Environment, name: string): LabelSettings {
  try {
    return labelSettingsShape.parse(JSON.parse(environment[name] || '{}'));
  } catch (cause) {
    throw new InvalidEnvironment(`environment variable ${name} is not a JSON object of labels`, { cause });
  }
}

function rules(environment: Environment, name: string): DiscoverySettings['scrapeRules'] {
  try {
    return z.array(scrapeRuleShape).parse(JSON.parse(environment[name] || '[]'));
  } catch (cause) {
    throw new InvalidEnvironment(`environment variable ${name} is not a JSON array of scrape rules`, { cause });
  }
}
