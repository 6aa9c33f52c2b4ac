/** The way of a task from PROVISIONING to STOPPED, one version and one event a change, as ECS takes it. */
import type { NetworkBinding, Task, TaskStatus, Workload } from './model.ts';
import { remember } from './task-history.ts';

export interface Lifecycle {
  /** Starts the processes of a task; rejects when they cannot be started. */
  readonly launch: (task: Task) => Promise<Workload>;
  /** Hears of each change, after it was made. */
  readonly changed: (task: Task) => void;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Milliseconds until the next state. */
  readonly step: () => number;
}

const advance = (task: Task, change: Partial<Task>, { now, changed }: Lifecycle): void => {
  Object.assign(task, change);
  task.version += 1;
  task.updatedAt = now();
  remember(task);
  changed(task);
};

/** Only a network interface has to be made and removed. */
const hasInterface = (task: Task): boolean => task.taskDefinition.networkMode === 'awsvpc';

/** The first state of a task. */
export const firstStatus = (networkMode: string): TaskStatus => (networkMode === 'awsvpc' ? 'PROVISIONING' : 'PENDING');

/** Brings a new task up. A stop that comes in between wins: what is left of the way up is not gone. */
export const bringUp = async (task: Task, lifecycle: Lifecycle): Promise<void> => {
  const { launch, pause, now, changed, step } = lifecycle;
  const goesOn = (): boolean => task.desiredStatus === 'RUNNING';
  remember(task);
  changed(task);
  if (hasInterface(task)) {
    await pause(step());
    if (!goesOn()) return;
    advance(task, { lastStatus: 'PENDING' }, lifecycle);
  }
  let bindings: readonly NetworkBinding[] | undefined;
  try {
    const workload = await launch(task);
    if (!goesOn()) return await workload.stop();
    task.workload = workload;
    bindings = workload.bindings;
    void workload.ended.then((how) => exited(task, how, lifecycle));
  } catch (error) {
    const stoppedReason = `CannotStartContainerError: ${error instanceof Error ? error.message : error}`;
    return await bringDown(task, { stopCode: 'TaskFailedToStart', stoppedReason }, lifecycle);
  }
  if (hasInterface(task)) advance(task, { lastStatus: 'ACTIVATING' }, lifecycle);
  await pause(step());
  if (!goesOn()) return;
  advance(task, { lastStatus: 'RUNNING', startedAt: now(), bindings }, lifecycle);
  void watchHealth(task, lifecycle);
};

/** Runs the health check of a task as often as it says. A service replaces a task that is unhealthy. */
const watchHealth = async (task: Task, lifecycle: Lifecycle): Promise<void> => {
  const { healthCheck } = task.taskDefinition.containers.find((container) => container.healthCheck) ?? {};
  const { check } = task.workload ?? {};
  if (healthCheck === undefined || check === undefined) return;
  let failures = 0;
  for (;;) {
    await lifecycle.pause(healthCheck.interval * 1000);
    if (task.desiredStatus === 'STOPPED') return;
    failures = (await check()) ? 0 : failures + 1;
    if (failures === 0) task.health = 'HEALTHY';
    if (failures < healthCheck.retries) continue;
    task.health = 'UNHEALTHY';
    if (task.service === undefined) continue;
    const reason = { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' };
    return await bringDown(task, reason, lifecycle);
  }
};

/** A container of a running task changes its state; in bridge mode Docker may publish its ports elsewhere. */
export const restartContainer = (
  task: Task,
  bindings: readonly NetworkBinding[] | undefined,
  lifecycle: Lifecycle,
): void => {
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus === 'STOPPED') return;
  advance(task, { bindings: bindings ?? task.bindings }, lifecycle);
};

/** An essential container ended by itself: ECS has nothing left to wait for on the way down. */
const exited = async (task: Task, how: string, lifecycle: Lifecycle): Promise<void> => {
  delete task.workload;
  if (task.desiredStatus === 'STOPPED') return;
  task.exitCode = how.includes('SIGKILL') ? 137 : Number(/exit code (\d+)/.exec(how)?.[1] ?? 1);
  task.exitReason = how;
  const reason = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
  await bringDown(task, reason, lifecycle);
};

const wayDown = (task: Task): readonly TaskStatus[] =>
  hasInterface(task) ? ['DEACTIVATING', 'STOPPING', 'DEPROVISIONING'] : ['STOPPING'];

/** Takes a task down. The first sign is a RUNNING task whose desired status is STOPPED (measured on Fargate). */
export const bringDown = async (
  task: Task,
  reason: { readonly stopCode: string; readonly stoppedReason: string },
  lifecycle: Lifecycle,
): Promise<void> => {
  if (task.desiredStatus === 'STOPPED') return;
  const { pause, now, step } = lifecycle;
  advance(task, { desiredStatus: 'STOPPED', stoppingAt: now(), ...reason }, lifecycle);
  for (const lastStatus of wayDown(task)) {
    await pause(step());
    if (lastStatus === 'STOPPING') await task.workload?.stop();
    advance(task, { lastStatus }, lifecycle);
  }
  await pause(step());
  advance(task, { lastStatus: 'STOPPED', stoppedAt: now() }, lifecycle);
};
