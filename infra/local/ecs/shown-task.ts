/** Tasks that nobody runs: each is shown as a recorded event says it is. */
import { nameOf } from './arn.ts';
import type { Task, TaskDefinition, TaskStatus } from './model.ts';

type Json = Readonly<Record<string, unknown>>;

const SERVICE = 'service:';

/** @param detail of an ECS Task State Change event */
export const shownTask = (detail: Json, taskDefinition: TaskDefinition): Task => {
  const arn = String(detail['taskArn']);
  const group = String(detail['group']);
  const stoppedAt = detail['lastStatus'] === 'STOPPED' ? Date.parse(String(detail['stoppedAt'])) : undefined;
  const now = Date.parse(String(detail['updatedAt']));
  return {
    ...{ id: nameOf(arn), arn, cluster: nameOf(String(detail['clusterArn'])), taskDefinition, shownAs: detail },
    ...(group.startsWith(SERVICE) && { service: group.slice(SERVICE.length) }),
    lastStatus: detail['lastStatus'] as TaskStatus,
    desiredStatus: detail['desiredStatus'] as Task['desiredStatus'],
    version: Number(detail['version']),
    ...{ createdAt: now, updatedAt: now, stoppedAt, history: [] },
  };
};

/** An element of DescribeTasks' `tasks`: another name for the network interface, times in seconds since 1970. */
export const describedAs = (detail: Json): Json =>
  JSON.parse(
    JSON.stringify(detail, (key, value: unknown) => {
      if (key === 'type' && value === 'eni') return 'ElasticNetworkInterface';
      return key.endsWith('At') ? Date.parse(String(value)) / 1000 : value;
    }),
  ) as Json;
