import { isIP } from 'node:net';
import { ENVIRONMENT } from '../../../functions/discovery/names.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../../functions/discovery/target-sync-environment.ts';
import type { CollectorShare } from '../sync/collector-share.ts';

/** What an operator may set, read from the environment once. */
export interface TargetSyncSettings {
  /** First part of the parameter names; events of other deployments are passed over. */
  readonly deployment: string;
  readonly clusters: readonly string[];
  /** Shards of each cluster. */
  readonly shards: number;
  readonly queueUrl: string;
  /** The volume that the collector reads: target files are in a folder of it, and what target-sync remembers beside that. */
  readonly directory: string;
  /** Seconds between safety refreshes. */
  readonly refreshSeconds: number;
  /** Port of the health check and of what else is served; 0 lets the system choose one. */
  readonly healthPort: number;
  /** Address on which others reach the metrics, the status page and http_sd; 127.0.0.1 for nobody. */
  readonly listen: string;
  readonly collector: CollectorShare;
  readonly region: string;
}

/** A setting that is missing or cannot be used. The message names the variable and says what is accepted. */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
}

const DEFAULTS = {
  directory: '/targets',
  refreshSeconds: 300,
  healthPort: 13_134,
  listen: '127.0.0.1',
  collector: '0/1',
} as const;

/**
 * ECS allows letters, digits, hyphens and underscores; a cluster of another account or Region is `name.region.account`. A
 * file name takes 255 bytes, which must hold `-<shard>.json`, too.
 */
const CLUSTER = /^(?=.{1,240}$)[A-Za-z0-9_-]+(\.[a-z0-9-]+\.\d{12})?$/;

/**
 * Hosts of SQS, in every form that AWS gives a queue's URL: the standard one, FIPS, dual stack, a VPC endpoint, the old one;
 * the suffix differs by partition (AWS General Reference, "Amazon SQS endpoints and quotas").
 */
const SQS_HOSTS: readonly RegExp[] = [
  /^(?:[a-z0-9-]+\.)?sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\./,
  /^([a-z]+(?:-[a-z]+)+-\d+)\.queue\.amazonaws\.com/,
];

/** The old form has no Region in us-east-1 (the same page, "Legacy endpoints"). */
const OLDEST_SQS_HOST = { hostname: 'queue.amazonaws.com', region: 'us-east-1' } as const;

/** Reads the settings. @throws {@link InvalidSettingError} for the first value that is missing or cannot be used. */
export function targetSyncSettings(environment: NodeJS.ProcessEnv): TargetSyncSettings {
  const text = (variable: string): string | undefined => environment[variable]?.trim() || undefined;

  const required = (variable: string): string => {
    const value = text(variable);
    if (value === undefined) throw new InvalidSettingError(`${variable} is not set.`);
    return value;
  };

  const wholeNumber = (variable: string, value: string, minimum: number, maximum: number): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new InvalidSettingError(`${variable} is "${value}": set a whole number from ${minimum} to ${maximum}.`);
  };

  const optionalNumber = (variable: string, fallback: number, minimum: number, maximum: number): number =>
    wholeNumber(variable, text(variable) ?? String(fallback), minimum, maximum);

  const queueUrl = required(TARGET_SYNC_ENVIRONMENT.queueUrl);
  if (!URL.canParse(queueUrl) || !/^https?:$/.test(new URL(queueUrl).protocol)) {
    throw new InvalidSettingError(`${TARGET_SYNC_ENVIRONMENT.queueUrl} is "${queueUrl}": set the URL of an SQS queue.`);
  }

  const listen = text(TARGET_SYNC_ENVIRONMENT.listen) ?? DEFAULTS.listen;
  if (isIP(listen) === 0) {
    throw new InvalidSettingError(
      `${TARGET_SYNC_ENVIRONMENT.listen} is "${listen}": set an IP address of this host, or 0.0.0.0 for all of them.`,
    );
  }

  return {
    deployment: required(ENVIRONMENT.deployment),
    clusters: clusterNames(required(ENVIRONMENT.clusters)),
    shards: wholeNumber(ENVIRONMENT.shards, required(ENVIRONMENT.shards), 1, 10_000),
    queueUrl,
    directory: text(TARGET_SYNC_ENVIRONMENT.directory) ?? DEFAULTS.directory,
    refreshSeconds: optionalNumber(TARGET_SYNC_ENVIRONMENT.refreshSeconds, DEFAULTS.refreshSeconds, 1, 86_400),
    healthPort: optionalNumber(TARGET_SYNC_ENVIRONMENT.healthPort, DEFAULTS.healthPort, 0, 65_535),
    listen,
    collector: collectorOf(text(TARGET_SYNC_ENVIRONMENT.collector) ?? DEFAULTS.collector),
    region: text('AWS_REGION') ?? text('AWS_DEFAULT_REGION') ?? regionOfQueue(queueUrl),
  };
}

function clusterNames(list: string): string[] {
  const names = [...new Set(list.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  const wrong = names.find((name) => !CLUSTER.test(name));
  if (names.length > 0 && wrong === undefined) return names;
  throw new InvalidSettingError(
    `${ENVIRONMENT.clusters} is "${list}": set the names of ECS clusters, separated by commas, each of up to 240 letters, digits, - and _, or name.region.account for one elsewhere.`,
  );
}

function collectorOf(value: string): CollectorShare {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(value) ?? [];
  if (index !== undefined && Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new InvalidSettingError(
    `${TARGET_SYNC_ENVIRONMENT.collector} is "${value}": set which collector this is, counted from 0, and how many there are, such as 1/3.`,
  );
}

function regionOfQueue(queueUrl: string): string {
  const { hostname } = new URL(queueUrl);
  if (hostname === OLDEST_SQS_HOST.hostname) return OLDEST_SQS_HOST.region;
  const region = SQS_HOSTS.map((pattern) => pattern.exec(hostname)?.[1]).find((it) => it !== undefined);
  if (region !== undefined) return region;
  throw new InvalidSettingError(
    `AWS_REGION is not set, and ${TARGET_SYNC_ENVIRONMENT.queueUrl} does not name a Region: set AWS_REGION.`,
  );
}
