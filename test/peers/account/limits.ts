/** AWS's request limits at their defaults, for one account: burst and sustained rate a second. */
import { TokenBucket } from '../../simulation/aws/token-bucket.ts';
import type { AwsService } from '../faults.ts';

interface Limit {
  readonly service: AwsService;
  readonly calls: readonly string[];
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * Amazon ECS API reference, "Request throttling"; EC2 user guide, "Request throttling" (calls that name resources); AWS
 * Systems Manager endpoints and quotas. Cloud Map's are not published: here it has none.
 */
const LIMITS: readonly Limit[] = [
  {
    service: 'ecs',
    calls: ['ListTasks', 'DescribeTasks', 'DescribeContainerInstances'],
    ...{ burst: 100, perSecond: 20 },
  },
  { service: 'ecs', calls: ['ListServices', 'DescribeServices'], burst: 100, perSecond: 20 },
  { service: 'ecs', calls: ['DescribeTaskDefinition'], burst: 50, perSecond: 20 },
  { service: 'ecs', calls: ['DescribeClusters', 'ListClusters'], burst: 50, perSecond: 20 },
  { service: 'ec2', calls: ['DescribeInstances', 'DescribeNetworkInterfaces'], burst: 100, perSecond: 20 },
  { service: 'ssm', calls: ['GetParameter', 'GetParameters', 'GetParametersByPath'], burst: 40, perSecond: 40 },
  { service: 'ssm', calls: ['PutParameter', 'GetParameterHistory'], burst: 3, perSecond: 3 },
];

/** @returns whether AWS takes a call now */
export const accountLimits = (): ((service: AwsService, call: string, now: number) => boolean) => {
  const buckets = LIMITS.map((limit) => ({ ...limit, bucket: new TokenBucket(limit.burst, limit.perSecond) }));
  return (service, call, now) =>
    buckets.find((limit) => limit.service === service && limit.calls.includes(call))?.bucket.take(now) ?? true;
};
