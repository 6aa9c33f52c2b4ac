/**
 * Every knob of the CDK app: what it may be, what it is when nobody says, what it is for. Set one with
 * `npx cdk deploy -c name=value`, or in `cdk.json` under `context`. `docs/settings.md` is written from this table.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DEFAULT_DEPLOYMENT, DEFAULT_NAMESPACES_PARAMETER } from '../functions/discovery/names.ts';
import { scrapeRuleList } from './settings/scrape-rules.ts';
import { BadValue, choice, flag, list, type Shape, text, wholeNumber } from './settings/shape.ts';

/** What the defaults of other settings may depend on. */
export interface Basis {
  readonly deployment: string;
  /** No cluster was named, so that the app makes one, and by default the whole reference system around it. */
  readonly ownCluster: boolean;
}

export interface Setting<T> {
  readonly shape: Shape<T>;
  readonly fallback: (basis: Basis) => T;
  /** The default in words, where {@link fallback} depends on other settings. */
  readonly fallbackDoc?: string;
  /** One or two sentences for `docs/settings.md`. */
  readonly doc: string;
}

const setting = <T>(shape: Shape<T>, fallback: T, doc: string): Setting<T> => ({
  shape,
  fallback: () => fallback,
  doc,
});

const derived = <T>(shape: Shape<T>, fallback: (basis: Basis) => T, fallbackDoc: string, doc: string): Setting<T> => ({
  shape,
  fallback,
  fallbackDoc,
  doc,
});

/** ECS: up to 255 letters, digits, underscores and hyphens. */
const clusterName = text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/, 'a cluster name (letters, digits, - and _)');

/** Stack names and the first part of SSM names: SSM reserves those that start with "aws" or "ssm". */
const deploymentName = text(
  /^(?!aws|ssm)[A-Za-z][A-Za-z0-9-]{0,62}$/i,
  'up to 63 letters, digits and hyphens, starting with a letter and not with aws or ssm',
);

const clusterNames: Shape<readonly string[]> = (raw) => {
  const names = list(clusterName)(raw);
  if (names.length === 0)
    throw new BadValue('is empty: name the ECS clusters to watch, as in -c clusters=prod,staging');
  return names;
};

/** The retention periods that CloudWatch Logs accepts, in days. */
const retentionDays: Shape<RetentionDays> = (raw) => {
  const days = wholeNumber(1, RetentionDays.TEN_YEARS)(raw);
  if (RetentionDays[days] === undefined) {
    throw new BadValue(`must be a period that CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, …), not ${days}`);
  }
  return days;
};

export const SETTINGS = {
  deployment: setting(
    deploymentName,
    DEFAULT_DEPLOYMENT,
    'Name of this deployment: prefix of its stacks and SSM parameters, and the value of the owner tag on its Cloud Map services. Two deployments in one account and Region need two names.',
  ),
  clusters: derived(
    clusterNames,
    ({ deployment }) => [deployment],
    'none: the app makes a cluster named like the deployment',
    'Names of the existing ECS clusters to watch, with commas between them.',
  ),
  shards: setting(
    wholeNumber(1, 64),
    4,
    'SSM parameters that hold the targets of one cluster. More of them let more targets fit and more collectors share; each is one more write when everything changes at once.',
  ),
  shardTier: setting(
    choice('Advanced', 'Standard'),
    'Advanced',
    'SSM tier of those parameters. Advanced: 8 KB each, about $0.05 a month each. Standard: 4 KB each, free.',
  ),
  namespaces: derived(
    list(text(/^[!-~]{1,253}$/, 'a Cloud Map namespace name')),
    ({ ownCluster }) => (ownCluster ? ['ecs-services'] : []),
    '`ecs-services` when the app makes the cluster, otherwise none',
    'Cloud Map namespaces whose services may say how to scrape their tasks, and in which tasks are registered. None, and no `namespacesParameter`: Cloud Map is not used.',
  ),
  namespacesParameter: derived<string | undefined>(
    text(/^(?!\/?(aws|ssm))[A-Za-z0-9_./-]{1,1011}$/i, 'an SSM parameter name'),
    () => undefined,
    `\`${DEFAULT_NAMESPACES_PARAMETER}\` when there are namespaces`,
    'Name of the SSM parameter that lists the namespaces. Set it without `namespaces` to use a parameter that exists, such as the one of the reference system, as it is.',
  ),
  scrapeRules: setting(
    scrapeRuleList,
    [],
    'JSON array of rules for tasks that have neither docker labels nor tags: `service` or `taskDefinition` (`*` stands for any characters), `port`, and if wanted `path` and `job`.',
  ),
  resyncSchedule: setting(
    text(/^(off|rate\([1-9]\d* (minutes?|hours?|days?)\))$/, 'off or a rate, as in rate(3 hours)'),
    'rate(3 hours)',
    'How often resync compares everything with ECS, the first time right after the deployment; `off` leaves it to manual invocation.',
  ),
  resyncRemovalLimitPercent: setting(
    wholeNumber(1, 100),
    50,
    'Largest share of the targets of a cluster that one resync removes without `force`.',
  ),
  collectors: setting(
    wholeNumber(1, 16),
    1,
    'Number of collectors; each has its own queue and scrapes its own part of the shards.',
  ),
  logRetentionDays: setting(
    retentionDays,
    RetentionDays.ONE_MONTH,
    'Days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, … as CloudWatch Logs offers them.',
  ),
  alarms: setting(flag, true, 'Whether to make the CloudWatch alarms ($0.10 a month each).'),
  alarmEmail: setting<string | undefined>(
    text(/^[^@\s]+@[^@\s]+$/, 'an e-mail address'),
    undefined,
    'Address that is told of alarms, through an SNS topic of its own; it has to confirm the subscription.',
  ),
  alarmTopicArn: setting<string | undefined>(
    text(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'the ARN of an SNS topic'),
    undefined,
    'An existing SNS topic that is told of alarms.',
  ),
  dashboard: setting(flag, true, 'Whether to make the CloudWatch dashboard ($3 a month beyond the first three).'),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** All settings, each with the value that somebody gave or its default. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
} & Pick<Basis, 'ownCluster'>;
