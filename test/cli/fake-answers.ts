/** What AWS answers to the command line about a deployment in memory. */
import { awsError } from '../factories/senders.ts';
import { describedTask, type TaskOptions, taskArn } from '../factories/tasks.ts';

/** What the account holds. */
export interface AccountContent {
  /** What ECS knows, by task id. */
  readonly tasks: ReadonlyMap<string, TaskOptions>;
  /** Containers of the task definition that all tasks have. */
  readonly containers: readonly object[];
  /** Values of parameters, newest last. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  /** By the names of their outputs. */
  readonly queues: ReadonlyMap<string, FakeQueue>;
  /** Of all functions. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface FakeQueue {
  readonly visible: number;
  readonly inFlight?: number;
  readonly age?: number;
  readonly messages?: readonly object[];
}

const queueUrl = (name: string): string => `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`;

const OUTPUTS: Readonly<Record<string, string>> = {
  ResyncFunction: 'resync-function',
  ObserveFunction: 'observe-function',
  StoreFunction: 'store-function',
  ...Object.fromEntries(
    [
      'StopsQueue',
      'RunsQueue',
      'StoreQueue',
      'ObserveDeadLetters',
      'StoreDeadLetters',
      'UndeliveredQueue',
      'CollectorQueue0',
    ].map((name) => [name, queueUrl(name)]),
  ),
};

/** The inputs of all operations below, as far as they are looked at. */
interface Input {
  readonly StackName: string;
  readonly tasks: readonly string[];
  readonly desiredStatus?: string;
  readonly serviceName?: string;
  readonly Names: readonly string[];
  readonly Name: string;
  readonly QueueUrl: string;
  readonly MetricDataQueries: readonly {
    Id: string;
    MetricStat: { Metric: { Dimensions: readonly { Value: string }[] } };
  }[];
}

const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

export function answersOf(account: AccountContent): Record<string, (input: Input) => unknown> {
  const { tasks, parameters, queues } = account;
  return {
    DescribeStacks: ({ StackName }) => {
      if (StackName !== 'ecs-prometheus-discovery')
        throw awsError('ValidationError', `Stack with id ${StackName} does not exist`);
      const Outputs = Object.entries(OUTPUTS).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      return { Stacks: [{ Outputs }] };
    },
    ListStacks: () => ({
      StackSummaries: [
        {
          StackName: 'ecs-prometheus-discovery',
          StackStatus: 'CREATE_COMPLETE',
          TemplateDescription: 'Prometheus target discovery for Amazon ECS',
        },
        { StackName: 'billing', StackStatus: 'CREATE_COMPLETE' },
      ],
    }),
    ListStackResources: () => ({
      StackResourceSummaries: [
        {
          LogicalResourceId: 'DiscoveryResyncDeadLetters1A2B',
          ResourceType: 'AWS::SQS::Queue',
          PhysicalResourceId: queueUrl('ResyncDeadLetters'),
        },
        {
          LogicalResourceId: 'DiscoveryTargetsChangedUndelivered3C4D',
          ResourceType: 'AWS::SQS::Queue',
          PhysicalResourceId: queueUrl('ChangesUndelivered'),
        },
      ],
    }),
    GetFunctionConfiguration: () => ({
      Environment: { Variables: account.environment },
      LoggingConfig: { LogGroup: 'logs' },
    }),
    DescribeTasks: ({ tasks: ids }) => ({
      tasks: ids.flatMap((id) => tasks.get(id) ?? []).map(describedTask),
      failures: ids.filter((id) => !tasks.has(id)).map((id) => ({ arn: taskArn(id), reason: 'MISSING' })),
    }),
    ListTasks: ({ desiredStatus = 'RUNNING' }) => ({
      taskArns: [...tasks]
        .filter(([, task]) => (task.desiredStatus ?? 'RUNNING') === desiredStatus)
        .map(([id]) => taskArn(id)),
    }),
    DescribeTaskDefinition: () => ({
      taskDefinition: { networkMode: 'awsvpc', containerDefinitions: account.containers },
    }),
    GetParameters: ({ Names }) => ({
      Parameters: Names.flatMap((Name) => {
        const versions = parameters.get(Name) ?? [];
        return versions.length === 0 ? [] : [{ Name, Value: versions.at(-1), Version: versions.length }];
      }),
    }),
    GetParameter: ({ Name }) => {
      const [name = '', version] = Name.split(':');
      return { Parameter: { Value: parameters.get(name)?.[Number(version) - 1], Version: Number(version) } };
    },
    GetQueueAttributes: ({ QueueUrl }) => {
      const { visible = 0, inFlight = 0 } = queues.get(nameOf(QueueUrl)) ?? {};
      return {
        Attributes: {
          QueueArn: `arn:aws:sqs:eu-west-1:111122223333:${nameOf(QueueUrl)}`,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
        },
      };
    },
    GetMetricData: ({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => {
        const age = queues.get(MetricStat.Metric.Dimensions[0]?.Value ?? '')?.age;
        return { Id, Values: age === undefined ? [] : [age] };
      }),
    }),
    DescribeAlarms: () => ({ MetricAlarms: [] }),
    FilterLogEvents: () => ({ events: [] }),
    ReceiveMessage: ({ QueueUrl }) => ({ Messages: queues.get(nameOf(QueueUrl))?.messages ?? [] }),
  };
}
