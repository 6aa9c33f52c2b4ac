/** One history: a fleet that changes, faults, and the code that follows it; judged all the while. */
import { isElsewhere } from '../../functions/discovery/cluster/cluster-key.ts';
import type { Task } from '../../infra/local/ecs/model.ts';
import {
  CLOUD_MAP_SERVICES,
  DEPLOYMENT,
  equip,
  FOREIGN_INSTANCES,
  hostAddress,
  NAMESPACE,
  NAMESPACES,
  NAMESPACES_PARAMETER,
} from './fleet.ts';
import { Judge } from './judge/judge.ts';
import type { Invariant } from './judge/violation.ts';
import { Mishaps } from './mishaps.ts';
import type { Pipeline, ResyncRequest, Wire } from './pipeline.ts';
import { poisonLike } from './poison.ts';
import type { Random } from './random.ts';
import type { SimulationSettings } from './settings.ts';
import { TaskLives } from './task-lives.ts';
import { START, World } from './world.ts';

/** How long CloudFormation is at work for another number of shards, and when it starts resync and deletes, in milliseconds. */
const DEPLOYING = { lasts: 60_000, resync: { least: 1000, most: 20_000 }, cleanUp: { least: 5000, most: 40_000 } };
/** How long nothing must have been on its way, and how often that is looked at. */
const CALM = { period: 5000, periods: 4 };
/** Far longer than the longest retries take. */
const LONGEST = 12 * 60 * 60 * 1000;

export class Simulation {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly judge: Judge;
  readonly tasks: TaskLives;
  readonly mishaps: Mishaps;
  readonly random: Random;
  readonly poison = new Set<string>();
  /** Every event so far that a rule matches, oldest first. */
  readonly events: { readonly task: Task; readonly body: string }[] = [];
  /** Whether ECS tells EventBridge of changes. */
  sendsEvents = true;
  /** Something happened after which events alone do not bring everything where it belongs. */
  needsResync = false;
  shards: number;
  #deployingUntil = 0;

  constructor(settings: SimulationSettings, wire: Wire) {
    this.world = new World(settings);
    const { world } = this;
    this.shards = settings.shards;
    this.random = world.random('driver');
    this.tasks = new TaskLives(world.ecs, this.random, () => world.scheduler.touch());
    this.#equip();
    this.pipeline = wire(world);
    this.mishaps = new Mishaps(this);
    this.judge = new Judge(
      {
        now: () => world.now,
        after: (milliseconds, action) => world.scheduler.after(milliseconds, action),
        tasks: world.ecs.tasks,
        mayLeave: (task) => this.mishaps.mayLeave(task),
      },
      {
        ssm: world.ssm,
        cloudMap: world.cloudMap,
        clusters: settings.clusters,
        collectors: this.pipeline.collectors.length,
        read: this.pipeline.read,
        clusterOf: (name) => settings.clusters.find((cluster) => name.startsWith(`/${DEPLOYMENT}/${cluster}/targets/`)),
      },
    );
    this.#watch();
    for (let shard = 0; shard < this.shards; shard++) this.createShard(shard);
  }

  #equip(): void {
    const { ecs, cloudMap, ssm, settings } = this.world;
    for (const cluster of settings.clusters) {
      equip(ecs, cluster);
      const { instances } = this.world.ec2Of(cluster);
      for (const id of ecs.plane(cluster).containerInstances.values()) instances.set(id, hostAddress(id));
    }
    for (const [id, name] of Object.entries(NAMESPACES)) cloudMap.addNamespace(id, name);
    for (const service of CLOUD_MAP_SERVICES) cloudMap.addService(service);
    for (const [service, instance] of Object.entries(FOREIGN_INSTANCES)) {
      cloudMap.place(service, instance, { AWS_INSTANCE_IPV4: '10.9.9.9' });
    }
    ssm.overwrite(NAMESPACES_PARAMETER, NAMESPACE);
  }

  /** As CloudFormation does, in all clusters. */
  createShard(shard: number): void {
    for (const cluster of this.world.settings.clusters) {
      const name = this.pipeline.parameterName(cluster, shard);
      if (!this.world.ssm.current(name)) this.world.ssm.overwrite(name, this.pipeline.emptyDocument);
    }
  }

  #watch(): void {
    const { world, judge } = this;
    world.ecs.onChange = (task) => this.#onChange(task);
    world.ssm.onWrite = (name, version, value) => {
      const who = this.mishaps.isActing ? 'somebody' : 'SSM';
      world.note(who, `${name} has version ${version}`);
      const holdsTargets = name !== NAMESPACES_PARAMETER && !this.pipeline.isMemory?.(name);
      if (holdsTargets) judge.parameterWritten(name, value, this.mishaps.isActing);
    };
    world.ssm.onDelete = (name) => judge.parameterDeleted(name);
    world.cloudMap.onOperation = (what, service, instance) =>
      world.note('Cloud Map', `${what} in ${service}`, instance);
    world.eventBridge.onLoss = () => {
      this.needsResync = true;
    };
    world.lambda.onLoss = (name) => {
      this.needsResync = true;
      world.note('Lambda', `gave ${name} up`);
    };
    for (const deadLetters of world.sqs.deadLetters.values()) {
      deadLetters.onLetter = ({ body, reason }) => {
        world.note(deadLetters.url, `dead letter: ${reason ?? 'received too often'}`);
        if (!this.poison.has(body)) this.needsResync = true;
      };
    }
    for (const index of this.pipeline.collectors.keys()) this.watchVolume(index);
  }

  /** A collector has a volume that nobody has looked at yet. */
  watchVolume(index: number): void {
    const volume = this.pipeline.collectors[index]?.volume;
    const folder = this.judge.folders[index];
    if (!volume || !folder) return;
    folder.wiped();
    for (const [name, content] of volume.files()) folder.fileChanged(name, content);
    volume.onWipe = () => folder.wiped();
    volume.onChange = (name, content) => {
      // An old one, of a collector that ends.
      if (this.pipeline.collectors[index]?.volume !== volume) return;
      this.world.note(`files ${index}`, `${name} changed`);
      folder.fileChanged(name, content);
    };
  }

  #onChange(task: Task): void {
    const { world } = this;
    const { lastStatus, desiredStatus, version, cluster } = task;
    const wish = desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED' ? ' (desired STOPPED)' : '';
    world.note('ECS', `v${version} ${lastStatus}${wish}`, task.id);
    let text: string | undefined;
    const body = (): string => {
      text ??= world.ecs.event(task);
      this.events.push({ task, body: text });
      return text;
    };
    if (!this.sendsEvents) return;
    world.eventBridge[isElsewhere(cluster) ? 'forward' : 'put']({ cluster, lastStatus, desiredStatus }, body);
    if (text !== undefined && this.random.chance(world.faults.poison)) this.#sendPoison(text);
  }

  #sendPoison(event: string): void {
    const poison = poisonLike(event, this.random, this.poison.size);
    this.poison.add(poison);
    const queues = this.world.eventBridge.rules.map(({ queue }) => queue);
    queues[this.random.int(0, queues.length - 1)]?.send(poison);
  }

  // What happens

  resync(request: ResyncRequest = {}): void {
    this.world.note('somebody', `resync ${JSON.stringify(request)}`);
    this.pipeline.resync(request);
  }

  /** Tasks that the configuration of a cluster shows. */
  published(cluster: string): number {
    return this.judge.parameters.get(cluster)?.place.shown.size ?? 0;
  }

  /**
   * A deployment with another number of shards: CloudFormation creates parameters before, and deletes them after. It refuses
   * another one until it has ended.
   */
  reshard(shards: number): void {
    const { world, shards: before } = this;
    if (world.now < this.#deployingUntil) return;
    this.#deployingUntil = world.now + DEPLOYING.lasts;
    world.note('somebody', `deploys ${shards} shards instead of ${before}`);
    for (let shard = before; shard < shards; shard++) this.createShard(shard);
    this.shards = shards;
    this.needsResync = true;
    world.lambda.redeploy();
    this.pipeline.reshard(shards);
    // The number is in the collectors' task definition: they are replaced, too.
    for (const [index, collector] of this.pipeline.collectors.entries()) {
      collector.replace(this.random.int(1000, 60_000));
      this.watchVolume(index);
    }
    const gone = Array.from({ length: Math.max(0, before - shards) }, (_, shard) => shards + shard);
    const after = ({ least, most }: { least: number; most: number }, act: () => void): void =>
      world.scheduler.after(this.random.int(least, most), act);
    after(DEPLOYING.resync, () => this.resync());
    after(DEPLOYING.cleanUp, () => {
      for (const cluster of world.settings.clusters)
        for (const shard of gone) world.ssm.delete(this.pipeline.parameterName(cluster, shard));
    });
  }

  /** Whether something was lost of which events do not speak again. */
  get hasLost(): boolean {
    const { cloudMap, sqs } = this.world;
    const hasExpired = [...sqs.queues.values()].some(({ expired }) => expired.length > 0);
    return this.needsResync || hasExpired || cloudMap.operations.failed > 0;
  }

  async run(milliseconds: number): Promise<void> {
    await this.world.scheduler.runUntil(this.world.now + milliseconds);
  }

  /** Until nothing has been on its way for a while; pollers go on for ever. */
  async rest(): Promise<void> {
    const end = this.world.now + LONGEST;
    for (let calm = 0; calm < CALM.periods; ) {
      if (this.world.now > end) throw new Error(`the history does not end: ${this.world.underWay().join(', ')}`);
      await this.run(CALM.period);
      calm = this.world.underWay().length === 0 && this.pipeline.isIdle() ? calm + 1 : 0;
    }
  }

  /** No more faults, and everything that is under way comes to its end. */
  async calmDown(): Promise<void> {
    this.world.note('somebody', 'nothing fails from now on');
    this.world.heal();
    this.mishaps.end();
    await this.rest();
  }

  /** What an operator does in the end: a resync where events cannot have said everything. */
  async repair(): Promise<void> {
    // What was looked up while it was wrong is forgotten by then.
    await this.run(10 * 60 * 1000);
    this.resync({ force: true });
    await this.rest();
    this.resync();
    await this.rest();
    // A target-sync acts on the word of a resync when it has read the shards after it, which it does every five minutes.
    await this.run(6 * 60 * 1000);
  }

  /** Sends every event of the past once more, as if it had been received so often already. */
  repeatEvents({ receiveCount = 0 } = {}): void {
    for (const { task, body } of this.events) {
      const rule = this.world.eventBridge.rules.find(({ matches }) => matches(task));
      rule?.queue.send(body, receiveCount);
    }
  }

  /** The part of the history that has to do with the first thing that broke an invariant, or any of them. */
  explain(invariant?: Invariant): string {
    const violations = this.judge.violations.filter((it) => invariant === undefined || it.invariant === invariant);
    const lines = violations.slice(0, 5).map(({ invariant: broken, what, time, taskId }) => {
      const task = taskId === undefined ? '' : ` (task ${taskId})`;
      return `${broken}: ${what}${task} at +${(time - START) / 1000} s`;
    });
    return `${lines.join('\n')}\n\n${this.world.history.about(violations[0]?.taskId)}`;
  }
}
