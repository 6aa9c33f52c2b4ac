/** What becomes of tasks, step by step as ECS takes them. */
import type { SimulatedEcs, SimulatedTask } from './aws/ecs.ts';
import type { Workload } from './fleet.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export class TaskLives {
  readonly #ecs: SimulatedEcs;
  readonly #random: Random;
  readonly #after: Scheduler['after'];

  constructor(ecs: SimulatedEcs, random: Random, { after }: Pick<Scheduler, 'after'>) {
    this.#ecs = ecs;
    this.#random = random;
    this.#after = after;
  }

  /** A task starts, and runs after 3 to 20 seconds unless it is stopped before. */
  launch(workload: Workload, cluster: string): SimulatedTask {
    const [random, ecs] = [this.#random, this.#ecs];
    const isBridge = workload.definition.networkMode === 'bridge';
    const instance = isBridge ? random.hex(1) : undefined;
    const task = ecs.create(cluster, workload.service, workload.definition, instance);
    const steps = random.chance(50) ? ['PENDING', 'ACTIVATING', 'RUNNING'] : ['PENDING', 'RUNNING'];
    let delay = 0;
    for (const status of steps) {
      delay += random.int(1500, status === 'RUNNING' ? 8000 : 5000);
      this.#after(delay, () => {
        if (ecs.stoppingSince(task) !== undefined) return;
        ecs.change(task, status, 'RUNNING', isBridge && status === 'RUNNING' ? random.int(32768, 60999) : undefined);
      });
    }
    return task;
  }

  stop(task: SimulatedTask): void {
    const [random, ecs] = [this.#random, this.#ecs];
    if (ecs.stoppingSince(task) !== undefined) return;
    ecs.change(task, task.versions.at(-1)?.lastStatus ?? 'PENDING', 'STOPPED');
    const steps = random.chance(50)
      ? ['DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']
      : ['STOPPING', 'STOPPED'];
    let delay = 0;
    for (const status of steps) {
      delay += random.int(100, 8000);
      this.#after(delay, () => ecs.change(task, status));
    }
  }

  /** A container changes its state inside the task; in bridge mode it may come back with another port. */
  disturb(task: SimulatedTask): void {
    if (!this.#ecs.runs(task)) return;
    const isBridge = task.definition.networkMode === 'bridge';
    const port = isBridge && this.#random.chance(70) ? this.#random.int(32768, 60999) : undefined;
    this.#ecs.change(task, 'RUNNING', 'RUNNING', port);
  }
}
