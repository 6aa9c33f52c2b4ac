/** The way of a task from PROVISIONING to STOPPED, one version and one event a change, as on Fargate. */
import type { Task, TaskStatus, Workload } from './model.ts';

export interface Lifecycle {
  /** Starts the processes of a task; rejects when they cannot be started. */
  readonly launch: (task: Task) => Promise<Workload>;
  /** Hears of each change, after it was made. */
  readonly changed: (task: Task) => void;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Milliseconds between two states. Fargate takes tens of seconds; what follows an event is what is tried here. */
const STEP = 60;

const advance = (task: Task, change: Partial<Task>, { now, changed }: Lifecycle): void => {
  Object.assign(task, change);
  task.version += 1;
  task.updatedAt = now();
  changed(task);
};

/** Brings a new task up. A stop that comes in between wins: what is left of the way up is not gone. */
export const bringUp = async (task: Task, lifecycle: Lifecycle): Promise<void> => {
  const { launch, pause, now, changed } = lifecycle;
  const goesOn = (): boolean => task.desiredStatus === 'RUNNING';
  changed(task);
  await pause(STEP);
  if (!goesOn()) return;
  advance(task, { lastStatus: 'PENDING' }, lifecycle);
  try {
    const workload = await launch(task);
    if (!goesOn()) return await workload.stop();
    task.workload = workload;
    void workload.ended.then((how) => exited(task, how, lifecycle));
  } catch (error) {
    const stoppedReason = `CannotStartContainerError: ${error instanceof Error ? error.message : error}`;
    return await bringDown(task, { stopCode: 'TaskFailedToStart', stoppedReason }, lifecycle);
  }
  advance(task, { lastStatus: 'ACTIVATING' }, lifecycle);
  await pause(STEP);
  if (!goesOn()) return;
  advance(task, { lastStatus: 'RUNNING', startedAt: now() }, lifecycle);
};

/** An essential container ended by itself: ECS has nothing left to wait for on the way down. */
const exited = async (task: Task, how: string, lifecycle: Lifecycle): Promise<void> => {
  delete task.workload;
  if (task.desiredStatus === 'STOPPED') return;
  task.exitCode = how.includes('SIGKILL') ? 137 : 1;
  const reason = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
  await bringDown(task, reason, lifecycle);
};

const WAY_DOWN: readonly TaskStatus[] = ['DEACTIVATING', 'STOPPING', 'DEPROVISIONING'];

/** Takes a task down. The first sign is a RUNNING task whose desired status is STOPPED (measured on Fargate). */
export const bringDown = async (
  task: Task,
  reason: { readonly stopCode: string; readonly stoppedReason: string },
  lifecycle: Lifecycle,
): Promise<void> => {
  if (task.desiredStatus === 'STOPPED') return;
  const { pause, now } = lifecycle;
  advance(task, { desiredStatus: 'STOPPED', stoppingAt: now(), ...reason }, lifecycle);
  for (const lastStatus of WAY_DOWN) {
    await pause(STEP);
    if (lastStatus === 'STOPPING') await task.workload?.stop();
    advance(task, { lastStatus }, lifecycle);
  }
  await pause(STEP);
  advance(task, { lastStatus: 'STOPPED', stoppedAt: now() }, lifecycle);
};
