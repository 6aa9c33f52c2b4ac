/** Registering in Cloud Map, as short as it can be: a stop is looked at again until the instance was surely seen. */
import { AwsError } from '../aws/aws-error.ts';
import type { Received } from '../aws/sqs-queue.ts';
import { WORKLOADS } from '../fleet.ts';
import type { BatchResult } from '../lambda/event-source.ts';
import type { Change } from './change.ts';
import type { Stage } from './stages.ts';

/** So often a stop is handled: a registration may be under way that Cloud Map does not show yet. */
const LOOKS = 3;

const SERVICES = WORKLOADS.flatMap(({ registeredIn }) => registeredIn ?? []);

export async function register(stage: Stage, messages: readonly Received[]): Promise<BatchResult> {
  const kept: Received[] = [];
  for (const message of messages) {
    const changes = JSON.parse(message.body) as Change[];
    const isDone = await Promise.all(
      changes.map((change) => (change.groups ? enter(stage, change) : leave(stage, change))),
    );
    if (isDone.includes(false) || (changes.some(isStop) && message.receiveCount < LOOKS)) kept.push(message);
  }
  return kept.map(({ messageId }) => ({ itemIdentifier: messageId }));
}

const isStop = ({ groups }: Change): boolean => groups === undefined;

/** @returns whether Cloud Map took it */
async function enter({ cloudMap }: Stage, { taskId, cluster, groups = [] }: Change): Promise<boolean> {
  const [labels] = groups.map((group) => group.labels);
  const ServiceId = WORKLOADS.find(({ family }) => family === labels?.['taskdefinition'])?.registeredIn;
  if (!labels || ServiceId === undefined) return true;
  const Attributes = {
    AWS_INSTANCE_IPV4: labels['instance'],
    AWS_INSTANCE_PORT: labels['port'],
    ECS_CLUSTER_NAME: cluster,
    METRICS_PATH: labels['__metrics_path__'],
  };
  return attempt(() => cloudMap.request('RegisterInstance', { ServiceId, InstanceId: taskId, Attributes }));
}

async function leave({ cloudMap }: Stage, { taskId: InstanceId }: Change): Promise<boolean> {
  const leaving = SERVICES.map((ServiceId) =>
    attempt(() => cloudMap.request('DeregisterInstance', { ServiceId, InstanceId }), 'InstanceNotFound'),
  );
  return !(await Promise.all(leaving)).includes(false);
}

async function attempt(act: () => Promise<unknown>, harmless?: string): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    return error instanceof AwsError && error.name === harmless;
  }
}
