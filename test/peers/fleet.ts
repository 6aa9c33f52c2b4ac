/** The fleet that all discoveries look at: services of Fargate tasks in one cluster, and the changes of one list. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackAddresses } from '../../infra/local/ecs/addresses.ts';
import { ControlPlane } from '../../infra/local/ecs/control-plane.ts';
import type { Task, Workload } from '../../infra/local/ecs/model.ts';
import { Random } from '../simulation/random.ts';

export const FLEET_CLUSTER = 'peers';
/** Every task is scraped here. Nobody listens: only who is to be scraped is compared. */
export const FLEET_PORT = 3000;
/** Milliseconds between two states of a task that starts or stops. */
const STEP = 60;
const SIZE = { cpu: '256', memory: '512', networkMode: 'awsvpc' } as const;

export interface FleetSize {
  readonly tasks: number;
  readonly services: number;
}

/** What happened to a task, and when, in milliseconds of `performance.now()`. */
export interface Change {
  readonly kind: 'start' | 'stop';
  /** Where the task is scraped. */
  readonly target: string;
  readonly at: number;
}

export interface Fleet extends FleetSize {
  readonly plane: ControlPlane;
  /** Who is to be scraped now. */
  readonly targets: () => ReadonlySet<string>;
  /** Starts a task; resolves when it runs. */
  readonly start: () => Promise<Change>;
  /** Stops a task that has run from the beginning, so that everybody had time to list it; resolves when ECS has been told. */
  readonly stop: () => Promise<Change>;
  readonly close: () => Promise<void>;
}

const targetOf = (task: Task): string => `${task.address}:${FLEET_PORT}`;
const noProcess = async (): Promise<Workload> => ({ pid: 0, ended: new Promise(() => {}), stop: async () => {} });

/** @param changed hears of each change after the fleet was filled */
export const startFleet = async (
  { tasks, services }: FleetSize,
  changed: (task: Task) => void,
  random = new Random(1),
): Promise<Fleet> => {
  let filling = true;
  const waiting = new Map<string, (change: Change) => void>();
  const plane = new ControlPlane({
    cluster: FLEET_CLUSTER,
    launch: noProcess,
    changed: (task) => {
      if (filling) return;
      changed(task);
      const isUp = task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING';
      if (!isUp && task.desiredStatus === 'RUNNING') return;
      const kind = isUp ? 'start' : 'stop';
      waiting.get(task.id)?.({ kind, target: targetOf(task), at: performance.now() });
      waiting.delete(task.id);
    },
    now: Date.now,
    pause: async (milliseconds) => {
      if (!filling) await sleep(milliseconds);
    },
    step: () => STEP,
    nextAddress: loopbackAddresses(),
    nextId: () => randomUUID().replaceAll('-', ''),
  });
  const names = Array.from({ length: services }, (_, index) => `service-${index}`);
  for (const name of names) {
    const container = {
      ...{ name: 'web', image: 'web:1', environment: [] },
      dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: String(FLEET_PORT) },
      portMappings: [{ containerPort: FLEET_PORT, protocol: 'tcp' }],
    };
    const taskDefinition = plane.registerTaskDefinition(name, [container], SIZE);
    const service = { name, taskDefinition, desiredCount: 0, serviceRegistries: [] };
    plane.createService({ ...service, deploymentController: 'EXTERNAL' });
  }
  const run = (service: string): Task => {
    const taskDefinition = plane.taskDefinition(service);
    if (taskDefinition === undefined) throw new Error(`There is no task definition of ${service}.`);
    return plane.runTask({ taskDefinition, service });
  };
  const oneOf = <T>(some: readonly T[]): T => some[random.int(0, some.length - 1)] as T;
  const running = (): Task[] =>
    plane.tasks().filter(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING');
  const changeOf = ({ id }: Task): Promise<Change> => new Promise((resolve) => waiting.set(id, resolve));

  for (let number = 0; number < tasks; number++) run(names[number % services] ?? '');
  while (running().length < tasks) await sleep(10);
  const initial = new Set(running().map(({ id }) => id));
  filling = false;
  return {
    ...{ tasks, services, plane },
    targets: () => new Set(running().map(targetOf)),
    start: () => changeOf(run(oneOf(names))),
    stop: () => {
      const task = oneOf(running().filter(({ id }) => initial.has(id)));
      const change = changeOf(task);
      void plane.stopTask(task, 'the change list wanted it');
      return change;
    },
    close: () => plane.close(),
  };
};
