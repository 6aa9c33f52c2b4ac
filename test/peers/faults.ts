/** What goes wrong in the comparison: eight faults of AWS, each for as long, for all at once. */

export type AwsService = 'ecs' | 'ec2' | 'cloudMap' | 'ssm';

export interface Fault {
  readonly what: string;
  readonly service: AwsService;
  /** The calls that it hits; absent: all of the service. */
  readonly calls?: readonly string[];
  /** `half`: DescribeTasks answers of every second task that it could not look. */
  readonly how: 'throttled' | 'denied' | 'half';
}

export const FAULTS: readonly Fault[] = [
  { what: 'ListTasks throttled', service: 'ecs', calls: ['ListTasks'], how: 'throttled' },
  { what: 'DescribeTasks throttled', service: 'ecs', calls: ['DescribeTasks'], how: 'throttled' },
  { what: 'DescribeTasks denied', service: 'ecs', calls: ['DescribeTasks'], how: 'denied' },
  { what: 'DescribeTasks: half of the tasks as failures', service: 'ecs', calls: ['DescribeTasks'], how: 'half' },
  { what: 'DescribeServices throttled', service: 'ecs', calls: ['DescribeServices'], how: 'throttled' },
  { what: 'EC2 throttled', service: 'ec2', how: 'throttled' },
  { what: 'Cloud Map throttled', service: 'cloudMap', how: 'throttled' },
  { what: 'SSM throttled', service: 'ssm', how: 'throttled' },
];

export const hits = (fault: Fault | undefined, service: AwsService, call: string): boolean =>
  fault?.service === service && (fault.calls === undefined || fault.calls.includes(call));
