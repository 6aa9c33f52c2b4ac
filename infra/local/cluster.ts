/** The ECS cluster of the local run: a control plane whose tasks are processes, its events, its hosts. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackAddresses } from './ecs/addresses.ts';
import { ecsApi } from './ecs/api.ts';
import { ControlPlane } from './ecs/control-plane.ts';
import { EcsError } from './ecs/errors.ts';
import { eventPublisher } from './ecs/event-publisher.ts';
import type { Task } from './ecs/model.ts';
import { serveEcs } from './ecs/server.ts';
import { startHosts } from './workloads/hosts.ts';
import { launcher } from './workloads/launch.ts';

export const LOCAL_CLUSTER = 'local';
/** Between two states of a task. Fargate takes tens of seconds; what follows an event is what is tried here. */
const STEP_MILLISECONDS = 60;
/** As many as the cluster of the reference has. */
const HOSTS = 2;

export interface Cluster {
  readonly plane: ControlPlane;
  /** Of its API. */
  readonly endpoint: string;
  /** Ends all tasks. */
  readonly stop: () => Promise<void>;
}

export interface ClusterOptions {
  /** Endpoint of the emulated AWS, whose EventBridge gets the events. */
  readonly aws: string;
  /** Port of the API. */
  readonly port: number;
  /** Hears of each change of a task. */
  readonly changed: (task: Task) => void;
  /** Hears what happened unasked. */
  readonly tell: (line: string) => void;
}

export const startCluster = async ({ aws, port, changed, tell }: ClusterOptions): Promise<Cluster> => {
  const publisher = eventPublisher(aws, (error) => tell(`An event could not be sent: ${error}`));
  const nextAddress = loopbackAddresses();
  const hosts = await startHosts(aws, Array.from({ length: HOSTS }, nextAddress));
  const plane = new ControlPlane({
    cluster: LOCAL_CLUSTER,
    launch: launcher((id) => hosts.find((host) => host.id === id)?.address),
    changed: (task) => {
      changed(task);
      publisher.publish(task);
    },
    now: Date.now,
    pause: (milliseconds) => sleep(milliseconds),
    step: () => STEP_MILLISECONDS,
    nextAddress,
    nextId: () => randomUUID().replaceAll('-', ''),
  });
  for (const { id, ec2InstanceId } of hosts) plane.containerInstances.set(id, ec2InstanceId);
  const server = await serveEcs(ecsApi(plane), port, {
    lose: (body) => publisher.lose(body === 'on'),
    kill: (body) => kill(plane, body),
  });
  return {
    plane,
    endpoint: server.endpoint,
    stop: async () => {
      await server.stop();
      await plane.close();
    },
  };
};

/** Ends the processes of a task as a crash would. */
const kill = (plane: ControlPlane, taskId: string): void => {
  const pid = plane.task(taskId)?.workload?.pid;
  if (pid === undefined) throw new EcsError('InvalidParameterException', `Task ${taskId} does not run.`);
  process.kill(pid, 'SIGKILL');
};

/** What ECS says is wrong with a task, in words. */
export const problemOfTask = ({ desiredStatus, stoppedReason, exitReason, health }: Task): string | undefined => {
  if (desiredStatus === 'STOPPED') return [stoppedReason, exitReason].filter(Boolean).join(': ');
  return health === 'UNHEALTHY' ? 'ECS says that it is UNHEALTHY, and the setting healthyOnly is on' : undefined;
};
