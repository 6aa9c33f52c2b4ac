/** What waits in queues, and for how long. */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Sender } from '../../../functions/aws/clients.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';

export interface QueueState {
  readonly url: string;
  readonly arn: string;
  /** Messages that wait. */
  readonly visible: number;
  /** Messages that somebody works on, or that are shown again later. */
  readonly inFlight: number;
  /** Age of the oldest message in seconds, as CloudWatch last had it; undefined where it has nothing. */
  readonly age?: number;
}

/** SQS publishes its metrics every minute, and some minutes late. */
const LOOK_BACK = 10 * 60_000;
const PERIOD_SECONDS = 60;

export async function queueStates(
  { sqs, cloudWatch }: { readonly sqs: Sender<SQSClient>; readonly cloudWatch: Sender<CloudWatchClient> },
  urls: readonly string[],
  clock: Clock,
): Promise<QueueState[]> {
  const [states, ages] = await Promise.all([
    Promise.all(urls.map((url) => stateOf(sqs, url))),
    // Without the permission to read metrics, or with none yet, the rest is still worth showing.
    agesOf(cloudWatch, urls, clock).catch(() => new Map<string, number>()),
  ]);
  return states.map((state) => {
    const age = ages.get(state.url);
    // A metric is minutes old: what is empty now has no oldest message.
    return age === undefined || state.visible + state.inFlight === 0 ? state : { ...state, age };
  });
}

async function stateOf(sqs: Sender<SQSClient>, url: string): Promise<QueueState> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    url,
    arn: Attributes.QueueArn ?? '',
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

/** Ages in seconds by the URL of the queue. */
async function agesOf(
  cloudWatch: Sender<CloudWatchClient>,
  urls: readonly string[],
  clock: Clock,
): Promise<Map<string, number>> {
  if (urls.length === 0) return new Map();
  const now = clock.now();
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - LOOK_BACK),
      EndTime: new Date(now),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: urls.map((url, index) => ({
        Id: `q${index}`,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: [{ Name: 'QueueName', Value: queueName(url) }],
          },
          Period: PERIOD_SECONDS,
          Stat: 'Maximum',
        },
      })),
    }),
  );
  return new Map(
    MetricDataResults.flatMap(({ Id = '', Values = [] }) => {
      const url = urls[Number(Id.slice(1))];
      const [newest] = Values;
      return url === undefined || newest === undefined ? [] : [[url, newest] as const];
    }),
  );
}

/** The last part of the URL. */
export const queueName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
