/** What a setting of the app, or a property of a construct, may be: each said once, for both. */
import { EXTRA_LABELS } from '../../functions/discovery/target/labels.ts';
import { COLLECTOR_JOB, TARGET_SYNC_JOB } from '../constructs/collector/job-names.ts';
import { BadValue, choice, list, shape, text, wholeNumber } from './shape.ts';

export const LAUNCH_TYPE = choice('FARGATE', 'EC2');
export const ARCHITECTURE = choice('ARM64', 'X86_64');
export const SHARD_TIER = choice('Advanced', 'Standard');
export const SHARDS = wholeNumber(1, 256);
export const COLLECTORS = wholeNumber(0, 16);
export const REMOVAL_LIMIT_PERCENT = wholeNumber(1, 100);
export const COLLECTOR_MEMORY = wholeNumber(512, 30_720);
export const SCRAPE_INTERVAL_SECONDS = wholeNumber(1, 3600);
export const NAT_GATEWAYS = wholeNumber(1, 2);
/** Tasks of a service, or instances. */
export const COUNT = wholeNumber(0, 1000);
export const PORT = wholeNumber(1, 65_535);

export const EXTRA_LABEL_LIST = list(choice(...EXTRA_LABELS), `some of ${EXTRA_LABELS.join(', ')}`);

/** Stack names and the first part of SSM names: SSM reserves those that start with "aws" or "ssm". */
export const DEPLOYMENT_NAME = text(
  /^(?!aws|ssm)[A-Za-z][A-Za-z0-9-]{0,62}$/i,
  'up to 63 letters, digits and hyphens, starting with a letter and not with aws or ssm',
);

/** ECS allows 255 characters; the name of a target file, which holds it, has room for 240. */
const plainClusterName = text(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,239}$/,
  'a cluster name (up to 240 letters, digits, - and _)',
);

export const CLUSTER_NAME = shape(plainClusterName.accepts, (raw) => {
  if (typeof raw === 'string' && raw.startsWith('arn:')) {
    throw new BadValue(
      `names '${raw}' by its ARN: give the name of the cluster or, where it is in another account or Region, a ClusterByArn`,
    );
  }
  return plainClusterName(raw);
});

/** A cluster here is known by its name, one elsewhere by its ARN. */
export const isArn = (nameOrArn: unknown): boolean => String(nameOrArn).trim().startsWith('arn:');

/** With Region and account, the name of a cluster elsewhere has to fit into the name of a target file, too. */
export const CLUSTER_ARN = text(
  /^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster\/[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/,
  'a cluster name or the ARN of a cluster, arn:aws:ecs:<region>:<account>:cluster/<name>',
);

export const EVENT_BUS_ARN = text(
  /^arn:[a-z-]+:events:[a-z0-9-]+:\d{12}:event-bus\/[A-Za-z][A-Za-z0-9-]{0,62}$/,
  'the ARN of an event bus, arn:aws:events:<region>:<account>:event-bus/<deployment>',
);

/** AWS STS API reference, AssumeRole: `ExternalId`. */
export const EXTERNAL_ID = text(/^[\w+=,.@:/-]{2,1224}$/, '2 to 1,224 letters, digits and +=,.@:/-_');

export const NAMESPACE_NAMES = list(
  text(/^[!-~]{1,253}$/, 'a Cloud Map namespace name'),
  'names of Cloud Map namespaces',
);

export const NAMESPACES_PARAMETER = text(
  /^(?!\/?(aws|ssm))(\/[A-Za-z0-9_./-]+|[A-Za-z0-9_.-]+)$/i,
  'an SSM parameter name, which begins with a slash if there is one in it',
);

export const RESYNC_SCHEDULE = text(
  /^(off|rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minute|hour|day)s)\))$/,
  'off or a rate, as in rate(3 hours) or rate(1 day)',
);

/** MiB that go with the CPU units of a Fargate task (ECS developer guide, "Task definition parameters for Fargate"). */
export const FARGATE_MEMORY: ReadonlyMap<
  number,
  { readonly from: number; readonly to: number; readonly step: number }
> = new Map([
  [256, { from: 512, to: 2048, step: 512 }],
  [512, { from: 1024, to: 4096, step: 1024 }],
  [1024, { from: 2048, to: 8192, step: 1024 }],
  [2048, { from: 4096, to: 16_384, step: 1024 }],
  [4096, { from: 8192, to: 30_720, step: 1024 }],
]);

export const COLLECTOR_CPU = shape('256, 512, 1024, 2048 or 4096', (raw): number => {
  const units = wholeNumber(256, 4096)(raw);
  if (!FARGATE_MEMORY.has(units)) throw new BadValue(`must be 256, 512, 1024, 2048 or 4096, not ${units}`);
  return units;
});

/** Letters that need no quotes anywhere; the job of the collectors' own metrics would be there twice. */
export const JOB_NAME = shape('letters, digits and -_./:, other than collector', (raw): string => {
  const name = text(/^[A-Za-z0-9_./:-]{1,100}$/, 'up to 100 letters, digits and -_./:')(raw);
  if (name === COLLECTOR_JOB || name === TARGET_SYNC_JOB)
    throw new BadValue(`must not be ${name}, the job of the collectors' own metrics`);
  return name;
});

export const VPC_CIDR = text(
  /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)\/(1[6-9]|2[0-6])$/,
  'an IPv4 range from /16 to /26, as in 10.10.0.0/16',
);

export const INSTANCE_TYPE = text(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type such as t4g.small');

/** ECS API reference, CreateService: up to 255 letters, digits, underscores and hyphens. */
export const SERVICE_NAME = text(/^[A-Za-z0-9_-]{1,255}$/, 'up to 255 letters, digits, - and _');

/** Managed Grafana API reference, "WorkspaceDescription": `name`. */
export const GRAFANA_NAME = text(/^[A-Za-z0-9._~-]{1,255}$/, 'up to 255 letters, digits and -._~');

/** AMP API reference, CreateRuleGroupsNamespace. */
export const RULES_NAME = text(/^[0-9A-Za-z][-.0-9A-Z_a-z]{0,63}$/, 'up to 64 letters, digits and -._');

/** AMP API reference, CreateWorkspace: 1 to 100 characters. */
export const WORKSPACE_ALIAS = text(/^.{1,100}$/, 'up to 100 characters');

export const METRICS_PATH = text(/^\/[!-~]*$/, 'a path, which begins with a slash');

/** Cloud Map API reference, CreateService: `Name`. */
export const CLOUD_MAP_NAME = text(
  /^(?=.{1,127}$)(\w[\w-]{0,61}\w|[A-Za-z0-9])(\.(\w[\w-]{0,61}\w|[A-Za-z0-9]))*$/,
  'up to 127 letters, digits and -_, with dots between labels of at most 63',
);
