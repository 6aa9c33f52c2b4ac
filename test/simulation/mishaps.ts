/** What people and deployments do to what the pipeline works with. */
import type { Task } from '../../infra/local/ecs/model.ts';
import { CLOUD_MAP_SERVICES, NAMESPACE, WORKLOADS } from './fleet.ts';
import { countingVersion } from './judge/counting-version.ts';
import type { Pipeline } from './pipeline.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export const MISHAPS = [
  'parameter emptied',
  'parameter garbled',
  'parameter deleted',
  'parameter restored',
  'parameter created again',
  'second writer',
  'tags removed',
  'service removed',
  'namespace removed',
  'definition deregistered',
  'definition unreadable',
  'collector killed',
  'collector away',
  'volume lost',
  'collector replaced',
  'queue down',
] as const;

/** Longer than the queue of a collector keeps messages. In milliseconds. */
const AWAY = 5 * 60 * 60_000;
const WRITES_OF_ANOTHER = 30;

export type Mishap = (typeof MISHAPS)[number];

/** What mishaps happen to. */
export interface Affected {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly random: Random;
  readonly shards: number;
  needsResync: boolean;
  readonly watchVolume: (collector: number) => void;
}

/** For so long something is gone before its owner puts it back, in milliseconds. */
const GONE = { least: 1000, most: 120_000 };

export class Mishaps {
  readonly #affected: Affected;
  /** Something is written by hand, or by CloudFormation. */
  isActing = false;
  /** What puts back what is gone. */
  readonly #repairs = new Set<() => void>();
  /** Families that need not be published, because what selects them is gone or was. */
  readonly #mayLeave = new Set<string>();

  constructor(affected: Affected) {
    this.#affected = affected;
  }

  mayLeave(task: Task): boolean {
    return this.#mayLeave.has(task.taskDefinition.family);
  }

  /** Everything is put back. */
  end(): void {
    for (const repair of [...this.#repairs]) repair();
  }

  happen(mishap: Mishap): void {
    const { world } = this.#affected;
    world.note('somebody', mishap);
    switch (mishap) {
      case 'tags removed':
        this.#removeTags();
        break;
      case 'service removed':
        this.#removeService();
        break;
      case 'namespace removed':
        this.#removeNamespace();
        break;
      case 'definition deregistered':
        this.#deregisterDefinition();
        break;
      case 'definition unreadable':
        this.#hideDefinition();
        break;
      case 'second writer':
        this.#writeToo();
        break;
      case 'collector killed':
      case 'collector away':
      case 'volume lost':
      case 'collector replaced':
        this.#disturbCollectors(mishap);
        break;
      case 'queue down':
        this.#closeQueue();
        break;
      default:
        this.#changeParameter(mishap);
        break;
    }
  }

  #changeParameter(mishap: Mishap): void {
    const { world, pipeline, random, shards } = this.#affected;
    const cluster = world.settings.clusters[0] as string;
    const name = pipeline.parameterName(cluster, random.int(0, shards - 1));
    const current = world.ssm.current(name);
    if (!current) return;
    this.#affected.needsResync = true;
    const write = (text: string): void => this.#act(() => world.ssm.overwrite(name, text));
    switch (mishap) {
      case 'parameter emptied':
        write(pipeline.emptyDocument);
        break;
      case 'parameter garbled':
        write('edited by hand');
        break;
      case 'parameter restored':
        write(world.ssm.earlier(name, random.int(1, current.version)) ?? pipeline.emptyDocument);
        break;
      case 'parameter created again':
        this.#act(() => world.ssm.delete(name));
        this.#later(() => {
          if (!world.ssm.current(name)) write(pipeline.emptyDocument);
        });
        break;
      default:
        this.#act(() => world.ssm.delete(name));
    }
  }

  #removeTags(): void {
    const { world, random } = this.#affected;
    const service = CLOUD_MAP_SERVICES[random.int(0, 2)];
    if (!service) return;
    this.#excuse();
    world.cloudMap.setTags(service.id, {});
    this.#later(() => world.cloudMap.setTags(service.id, service.tags));
  }

  #removeService(): void {
    const { world } = this.#affected;
    const [service] = CLOUD_MAP_SERVICES;
    if (!service) return;
    this.#excuse();
    world.cloudMap.removeService(service.id);
    this.#later(() => world.cloudMap.addService(service));
  }

  #removeNamespace(): void {
    const { cloudMap } = this.#affected.world;
    this.#excuse();
    cloudMap.removeNamespace('ns-1');
    this.#later(() => cloudMap.addNamespace('ns-1', NAMESPACE));
  }

  /** What was selected through Cloud Map may be deselected while it is not there. */
  #excuse(): void {
    this.#affected.needsResync = true;
    for (const { family, namespace } of WORKLOADS) if (namespace !== undefined) this.#mayLeave.add(family);
  }

  /** A newer revision takes over; tasks of the old one go on. */
  #deregisterDefinition(): void {
    const { world, random } = this.#affected;
    const plane = world.ecs.plane(world.settings.clusters[0] as string);
    const families = [...plane.taskDefinitions.keys()];
    const definition = plane.taskDefinition(families[random.int(0, families.length - 1)] as string);
    if (!definition) return;
    const { family, containers, cpu, memory, networkMode } = definition;
    plane.registerTaskDefinition(family, containers, { cpu, memory, networkMode });
    definition.status = 'INACTIVE';
  }

  #disturbCollectors(mishap: Mishap): void {
    const { pipeline, random } = this.#affected;
    for (const [index, collector] of pipeline.collectors.entries()) {
      if (mishap === 'collector replaced') {
        collector.replace(random.int(5000, 60_000));
        this.#affected.watchVolume(index);
      } else {
        collector.kill(mishap === 'collector away' ? AWAY : random.int(1000, 30_000));
        if (mishap === 'volume lost') collector.volume.wipe();
      }
    }
  }

  /** Its reader is denied, or its family deleted: ECS says the same of both. */
  #hideDefinition(): void {
    const { world, random } = this.#affected;
    const family = WORKLOADS[random.int(0, WORKLOADS.length - 1)]?.family as string;
    world.ecs.broken.add(family);
    this.#later(() => world.ecs.broken.delete(family));
  }

  /**
   * Somebody else writes the shards for a while, as a function that was deployed twice does: what was read, with the number
   * that it had then. Of such writes those that lose a race do not count, and the others change nothing.
   */
  #writeToo(): void {
    const { world, pipeline, random, shards } = this.#affected;
    const name = pipeline.parameterName(world.settings.clusters[0] as string, random.int(0, shards - 1));
    for (let write = 0; write < WRITES_OF_ANOTHER; write++) {
      world.scheduler.after(random.int(0, 20_000), () => {
        const newest = world.ssm.current(name)?.version ?? 0;
        const versionAt = (version: number) => world.ssm.earlier(name, version);
        const counting = versionAt(countingVersion(newest, versionAt, pipeline.read)?.version ?? 0);
        const text = counting && pipeline.rewrite?.(counting, newest);
        if (!text) return;
        world.scheduler.after(random.int(0, 500), () => {
          if (world.ssm.current(name)) this.#act(() => world.ssm.overwrite(name, text));
        });
      });
    }
  }

  #closeQueue(): void {
    const { world, random } = this.#affected;
    const queues = [...world.sqs.queues.values()];
    const queue = queues[random.int(0, queues.length - 1)];
    if (!queue) return;
    queue.isDown = true;
    this.#later(() => {
      queue.isDown = false;
    });
  }

  #act(change: () => void): void {
    this.isActing = true;
    change();
    this.isActing = false;
  }

  #later(repair: () => void): void {
    const { world, random } = this.#affected;
    const once = (): void => {
      if (this.#repairs.delete(once)) repair();
    };
    this.#repairs.add(once);
    world.scheduler.after(random.int(GONE.least, GONE.most), once);
  }
}
