/** What an event and a DescribeTasks answer say of a task in the same way; ids are made from the task's own. */
import { createHash } from 'node:crypto';
import { LOCAL_REGION } from '../loopback.ts';
import { clusterArn, containerArn, containerInstanceArn } from './arn.ts';
import type { Task } from './model.ts';

const idFrom = (task: Task, purpose: string): string => {
  const hex = createHash('sha256').update(`${task.id} ${purpose}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

const attachmentStatus = (task: Task): string => {
  if (task.lastStatus === 'PROVISIONING') return 'PRECREATED';
  return task.lastStatus === 'STOPPED' || task.lastStatus === 'DEPROVISIONING' ? 'DELETED' : 'ATTACHED';
};

/** The network interface of a task that has one of its own. */
export const attachments = (task: Task, type: 'eni' | 'ElasticNetworkInterface') =>
  task.address === undefined ? [] : [networkInterface(task, type)];

/** The network interface; its type is `eni` in events and `ElasticNetworkInterface` in DescribeTasks. */
const networkInterface = (task: Task, type: 'eni' | 'ElasticNetworkInterface') => ({
  id: idFrom(task, 'attachment'),
  type,
  status: attachmentStatus(task),
  details:
    task.lastStatus === 'PROVISIONING'
      ? [{ name: 'subnetId', value: 'subnet-0123456789abcdef0' }]
      : [
          { name: 'subnetId', value: 'subnet-0123456789abcdef0' },
          { name: 'networkInterfaceId', value: `eni-${task.id.slice(0, 17)}` },
          { name: 'macAddress', value: '0a:00:00:00:00:01' },
          { name: 'privateDnsName', value: `ip-${task.address?.replaceAll('.', '-')}.ec2.internal` },
          { name: 'privateIPv4Address', value: task.address },
        ],
});

const containerStatus = (task: Task): string => {
  if (task.exitCode !== undefined) return 'STOPPED';
  switch (task.lastStatus) {
    case 'PROVISIONING':
    case 'PENDING':
      return 'PENDING';
    case 'ACTIVATING':
    case 'RUNNING':
    case 'DEACTIVATING':
      return 'RUNNING';
    default:
      return 'STOPPED';
  }
};

const container = (task: Task, name: string, image: string, isFirst: boolean) => ({
  containerArn: containerArn(task.cluster, task.id, idFrom(task, name)),
  taskArn: task.arn,
  name,
  image,
  lastStatus: containerStatus(task),
  networkInterfaces:
    task.address === undefined || task.lastStatus === 'PROVISIONING'
      ? []
      : [{ attachmentId: idFrom(task, 'attachment'), privateIpv4Address: task.address }],
  cpu: '0',
  ...(task.bindings && { networkBindings: isFirst ? task.bindings : [] }),
  ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
  ...(task.exitReason === undefined ? {} : { reason: task.exitReason }),
});

/** Fargate, unless it runs on a container instance. */
const place = (task: Task) =>
  task.containerInstance === undefined
    ? { launchType: 'FARGATE', platformVersion: '1.4.0' }
    : { launchType: 'EC2', containerInstanceArn: containerInstanceArn(task.cluster, task.containerInstance) };

/** Everything but attachments and times, which events and answers write differently. */
export const commonParts = (task: Task) => ({
  taskArn: task.arn,
  clusterArn: clusterArn(task.cluster),
  taskDefinitionArn: task.taskDefinition.arn,
  group: task.service === undefined ? `family:${task.taskDefinition.family}` : `service:${task.service}`,
  ...(task.service === undefined ? {} : { startedBy: `ecs-svc/${task.id.slice(0, 19)}` }),
  ...place(task),
  availabilityZone: `${LOCAL_REGION}a`,
  attributes: [{ name: 'ecs.cpu-architecture', value: 'arm64' }],
  connectivity: 'CONNECTED',
  cpu: task.taskDefinition.cpu,
  memory: task.taskDefinition.memory,
  containers: task.taskDefinition.containers.map(({ name, image }, index) => container(task, name, image, index === 0)),
  overrides: { containerOverrides: task.taskDefinition.containers.map(({ name }) => ({ name })) },
  lastStatus: task.lastStatus,
  desiredStatus: task.desiredStatus,
  version: task.version,
  ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
  ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
});

/** The times of a task, written as `write` does. */
export const times = <T>(task: Task, write: (milliseconds: number) => T): Record<string, T> => {
  const { createdAt, startedAt, stoppingAt, stoppedAt } = task;
  const known = Object.entries({ createdAt, startedAt, stoppingAt, stoppedAt }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return Object.fromEntries(known.map(([name, milliseconds]) => [name, write(milliseconds)]));
};
