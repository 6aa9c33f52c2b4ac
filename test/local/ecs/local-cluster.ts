/** A stand-in cluster without processes, events in a list, and no waiting. */
import { setImmediate } from 'node:timers/promises';
import { type EcsApi, ecsApi } from '../../../infra/local/ecs/api.ts';
import { ControlPlane } from '../../../infra/local/ecs/control-plane.ts';
import type { Task, Workload } from '../../../infra/local/ecs/model.ts';

export interface LocalCluster {
  readonly plane: ControlPlane;
  readonly api: EcsApi;
  /** What every change was, in order. */
  readonly changes: Task[];
  /** Ends the process of a task as `kill -9` would. */
  readonly kill: (task: Task) => void;
  /** Lets the clock go on, in milliseconds. */
  readonly pass: (milliseconds: number) => void;
  readonly settled: () => Promise<void>;
}

export const WEBAPP_CONTAINER = {
  name: 'webapp',
  image: 'webapp:1',
  dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' },
  portMappings: [{ containerPort: 3000, protocol: 'tcp' }],
  environment: [],
};

export const localCluster = (launch?: (task: Task) => Promise<Workload>): LocalCluster => {
  const changes: Task[] = [];
  const exits = new Map<string, (how: string) => void>();
  let now = Date.parse('2026-11-24T12:00:00Z');
  let host = 0;
  let tasks = 0;
  const fakeWorkload = async (task: Task): Promise<Workload> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    exits.set(task.id, resolve);
    return { pid: 4242, ended: promise, stop: async () => resolve('exit code 0') };
  };
  const plane = new ControlPlane({
    cluster: 'local',
    launch: launch ?? fakeWorkload,
    changed: (task) => changes.push({ ...task }),
    now: () => now,
    pause: async () => {
      await setImmediate();
    },
    step: () => 60,
    nextAddress: () => `127.77.0.${++host}`,
    nextId: () => (++tasks).toString(16).padStart(32, '0'),
  });
  return {
    plane,
    api: ecsApi(plane),
    changes,
    kill: (task) => exits.get(task.id)?.('signal SIGKILL'),
    pass: (milliseconds) => {
      now += milliseconds;
    },
    settled: async () => {
      for (let quiet = 0, seen = -1; quiet < 20; quiet = seen === changes.length ? quiet + 1 : 0) {
        seen = changes.length;
        await setImmediate();
      }
    },
  };
};

/** A cluster with a service `webapp` of that many running tasks. */
export const runningCluster = async (desiredCount: number): Promise<LocalCluster> => {
  const cluster = localCluster();
  cluster.api('RegisterTaskDefinition', { family: 'webapp', containerDefinitions: [WEBAPP_CONTAINER] });
  cluster.api('CreateService', { cluster: 'local', serviceName: 'webapp', taskDefinition: 'webapp', desiredCount });
  await cluster.settled();
  return cluster;
};
