/** A day of a fleet on the simulated AWS: how many requests does the product make? Nothing fails, and nobody judges. */
import type { Task } from '../../../infra/local/ecs/model.ts';
import { NAMESPACE, NAMESPACES, NAMESPACES_PARAMETER } from '../fleet.ts';
import { wireProduct } from '../product/product-pipeline.ts';
import { DEFAULTS } from '../settings.ts';
import { World } from '../world.ts';

export interface Day {
  readonly services: number;
  readonly tasks: number;
  /** Tasks that start or stop, spread over the day; a start and a stop take turns. */
  readonly changes: number;
  readonly shards: number;
  readonly resyncs: number;
  /**
   * How services say how to scrape their tasks: labels of the task definition, or tags of the Cloud Map services that ECS
   * itself registers the tasks in, as in the reference system.
   */
  readonly selectedBy: 'labels' | 'tags';
}

/** Requests by who made them, such as `observe DescribeTasks`; without those to SQS, whose long polls are another matter. */
export type Calls = ReadonlyMap<string, number>;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** ECS says a second time that a task runs when one of its containers changes. */
const REPETITION = 5000;
const SIZE = { cpu: '256', memory: '512', networkMode: 'awsvpc' } as const;

/** @returns starts a task of the service with this number */
function equip(world: World, { services, selectedBy }: Day): (number: number) => Task {
  const plane = world.ecs.plane('prod');
  world.ssm.overwrite(NAMESPACES_PARAMETER, selectedBy === 'tags' ? NAMESPACE : '-');
  for (const [id, name] of Object.entries(NAMESPACES)) world.cloudMap.addNamespace(id, name);
  // A page of AWS holds a hundred.
  world.cloudMap.pages.others = 100;
  for (let index = 0; index < services; index++) {
    const name = `service-${index}`;
    const dockerLabels = selectedBy === 'labels' ? { PROMETHEUS_EXPORTER_PORT: '3000' } : {};
    const container = { name: 'web', image: 'web:1', dockerLabels, portMappings: [], environment: [] };
    const taskDefinition = plane.registerTaskDefinition(name, [container], SIZE);
    const id = `srv-${index}`;
    const tags = { METRICS_PATH: '/metrics', METRICS_PORT: '3000' };
    if (selectedBy === 'tags') world.cloudMap.addService({ namespaceId: 'ns-1', id, name: `${name}-registry`, tags });
    const serviceRegistries =
      selectedBy === 'tags' ? [{ registryArn: `arn:aws:servicediscovery:us-east-1:000000000000:service/${id}` }] : [];
    world.ecs.addService({ name, taskDefinition, serviceRegistries }, 'prod');
  }
  return (number) => {
    const name = `service-${number % services}`;
    const taskDefinition = plane.taskDefinition(name);
    if (!taskDefinition) throw new Error(`there is no task definition of ${name}`);
    world.scheduler.touch();
    return plane.runTask({ taskDefinition, service: name, containerInstance: undefined });
  };
}

export async function callsOfADay(day: Day): Promise<Calls> {
  const world = new World({ ...DEFAULTS, seed: 1, shards: day.shards });
  const pipeline = wireProduct(world);
  const plane = world.ecs.plane('prod');
  const start = equip(world, day);
  for (let shard = 0; shard < day.shards; shard++) {
    world.ssm.overwrite(pipeline.parameterName('prod', shard), pipeline.emptyDocument);
  }
  world.ecs.onChange = (task) => world.eventBridge.put(task, () => world.ecs.event(task));
  const run = (milliseconds: number): Promise<void> => world.scheduler.runUntil(world.now + milliseconds);

  const tasks: Task[] = [];
  for (let number = 0; number < day.tasks; number++) {
    tasks.push(start(number));
    if (number % 10 === 9) await run(1000);
  }
  // Until a target-sync is no longer young, and no function is warm.
  await run(60 * MINUTE);
  pipeline.resync({});
  await run(60 * MINUTE);

  const before = new Map(world.calls);
  const end = world.now + DAY;
  for (let resync = 0; resync < day.resyncs; resync++) {
    world.scheduler.after(((resync + 0.5) * DAY) / day.resyncs, () => pipeline.resync({}));
  }
  for (let change = 0; change < day.changes; change++) {
    world.scheduler.after((change * DAY) / day.changes, () => {
      if (change % 2 === 1) {
        world.scheduler.touch();
        const oldest = tasks.shift();
        if (oldest) void plane.stopTask(oldest, 'the day wanted it');
        return;
      }
      const task = start(day.tasks + change);
      tasks.push(task);
      world.scheduler.after(MINUTE / 2 + REPETITION, () => plane.restartContainer(task, undefined));
    });
  }
  await world.scheduler.runUntil(end);
  const made = [...world.calls].map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const);
  return new Map(made.filter(([call, count]) => count > 0 && !/Message/.test(call)));
}
