/** What histories do with tasks. */
import type { Task } from '../../infra/local/ecs/model.ts';
import type { SimulatedEcs } from './aws/ecs.ts';
import type { Workload } from './fleet.ts';
import type { Random } from './random.ts';

export class TaskLives {
  readonly #ecs: SimulatedEcs;
  readonly #random: Random;
  readonly #touch: () => void;

  constructor(ecs: SimulatedEcs, random: Random, touch: () => void) {
    this.#ecs = ecs;
    this.#random = random;
    this.#touch = touch;
  }

  /** Starts a task; it runs some seconds later, unless it is stopped before. */
  launch({ family, networkMode, service }: Workload, cluster: string): Task {
    const plane = this.#ecs.plane(cluster);
    const taskDefinition = plane.taskDefinition(family);
    if (!taskDefinition) throw new Error(`there is no task definition of ${family}`);
    const hosts = [...plane.containerInstances.keys()];
    const containerInstance = networkMode === 'awsvpc' ? undefined : hosts[this.#random.int(0, hosts.length - 1)];
    this.#touch();
    return plane.runTask({ taskDefinition, service, containerInstance });
  }

  stop(task: Task): void {
    this.#touch();
    void this.#ecs.plane(task.cluster).stopTask(task, 'a history wanted it');
  }

  /** A container changes its state inside the task; in bridge mode it may come back with another port. */
  disturb(task: Task): void {
    if (task.lastStatus !== 'RUNNING' || task.desiredStatus === 'STOPPED') return;
    const bindings = this.#random.chance(70) ? this.#ecs.otherBindings(task) : undefined;
    this.#ecs.plane(task.cluster).restartContainer(task, bindings);
  }
}
