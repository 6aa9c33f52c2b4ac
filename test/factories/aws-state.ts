/** What the AWS of the tests knows: the account without the code that works on it. */
import type { QueuedMessage } from '../../functions/aws/sqs.ts';
import type { FakeParameters } from './parameters.ts';
import type { StageClock } from './stage-clock.ts';
import type { TaskOptions } from './tasks.ts';

export interface CloudMapService {
  readonly namespace: string;
  readonly tags: Record<string, string>;
  readonly instances: Map<string, Record<string, string>>;
}

/** The queue of a stage. */
export interface Queue {
  /** What is in it beside what the event source has taken. */
  readonly waiting: QueuedMessage[];
  /** Receipt handles. */
  readonly deleted: string[];
  /** Seconds, by receipt handle. */
  readonly shownAfter: Map<string, number>;
  readonly deadLetters: { readonly body: string; readonly reason: string }[];
}

export interface AwsState {
  readonly clock: StageClock;
  readonly queue: Queue;
  readonly parameters: FakeParameters;
  /** What ECS knows, by task id. */
  readonly tasks: Map<string, TaskOptions>;
  /** By family. */
  readonly definitions: Map<string, { networkMode?: string; containerDefinitions: object[] }>;
  /** Private address of a host, null where it has none; hosts that are no EC2 instance begin with `mi-`. */
  readonly hosts: Map<string, string | null>;
  readonly namespaces: Set<string>;
  /** By name; the id of a service is its name with `srv-` before it. */
  readonly services: Map<string, CloudMapService>;
  /** Names of the Cloud Map services that ECS registers the tasks of a service in. */
  readonly managed: Map<string, (string | { name: string; containerPort?: number; port?: number })[]>;
  /** Shards of each cluster, as the functions are deployed now. */
  deployedShards: number;
  /** Whether SNS refuses an entry of PublishBatch. */
  refuses: (body: string) => boolean;
  /** What was published on the topic. */
  readonly messages: { readonly body: string; readonly kind: string; readonly at: number }[];
}
