/** One history: a fleet that changes, faults, and the shipped code that follows it; judged all the while. */

import { EMPTY_SHARD_DOCUMENT } from '../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import type { Report } from '../../functions/lambda/report.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import { resync } from '../../functions/resync/resync.ts';
import type { ResyncRequest, ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { SimulatedCloudMap } from './aws/cloud-map.ts';
import { type EcsEvent, SimulatedEc2, SimulatedEcs, type SimulatedTask } from './aws/ecs.ts';
import { SimulatedEventBridge } from './aws/event-bridge.ts';
import type { Input } from './aws/simulated-service.ts';
import { SimulatedSqs } from './aws/sqs.ts';
import { SimulatedSsm } from './aws/ssm.ts';
import { TargetSync } from './collector.ts';
import { type Faults, LONGEST_LAG, NO_FAULTS } from './faults.ts';
import {
  CLOUD_MAP_SERVICES,
  DEPLOYMENT,
  MANAGED_REGISTRIES,
  NAMESPACE,
  NAMESPACES_PARAMETER,
  SCRAPE_RULES,
  WORKLOADS,
} from './fleet.ts';
import { History } from './history.ts';
import { type Invariant, Judge } from './judge.ts';
import { Environment, EventSource, LambdaFunction, type Services, TASK_CHANGE } from './lambda.ts';
import { poisonLike } from './poison.ts';
import type { Outcome, Program, Surface } from './program.ts';
import { Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import type { SimulationSettings } from './settings.ts';
import { TaskLives } from './task-lives.ts';

/** 2026-01-01, so that times in a history can be recognised. */
const START = Date.UTC(2026, 0, 1);
/** Lambda's longest time for a resync, as infra/constructs/resync/resync.ts sets it, and what functions/resync/handler.ts reserves. */
const RESYNC_TIMEOUT = 15 * 60 * 1000;
const RESYNC_RESERVE = 60_000;
/** target-sync's default. */
const REFRESH_PERIOD = 300_000;
/** Far more than the longest retries take. */
const MOST_PERIODS = 200;
const WRITES = ['PutParameter', 'RegisterInstance', 'DeregisterInstance', 'PutEvents'];

export class Simulation {
  readonly settings: SimulationSettings;
  readonly scheduler: Scheduler;
  readonly history = new History(START);
  readonly ecs: SimulatedEcs;
  readonly ssm: SimulatedSsm;
  readonly cloudMap: SimulatedCloudMap;
  readonly eventBridge: SimulatedEventBridge;
  readonly queue: SimulatedSqs;
  readonly collectors: TargetSync[];
  readonly judge: Judge;
  readonly random: Random;
  readonly tasks: TaskLives;
  readonly source: EventSource;
  readonly taskChange: LambdaFunction;
  readonly resyncs: LambdaFunction;
  /** Requests by operation that reached AWS; refused ones count, as they do there. */
  readonly requests = new Map<string, number>();
  /** Throttles that reached the shipped code's report. */
  readonly warnings = new Map<string, number>();
  readonly poison = new Set<string>();
  readonly #surface: Surface;
  readonly #services: Services;
  readonly #events: EcsEvent[] = [];
  #faults: Faults;
  #shards: number;
  #byHand = false;
  /** Whether ECS tells EventBridge of changes. */
  sendsEvents = true;
  /** Something happened that events alone cannot mend. */
  needsResync = false;
  #needsForce = false;
  #needsRefresh = false;

  constructor(settings: SimulationSettings) {
    this.settings = settings;
    this.#faults = settings.faults;
    this.#shards = settings.shards;
    const scheduler = createScheduler(START, () => this.#isWaiting());
    this.scheduler = scheduler;
    const random = (name: string): Random => Random.of(settings.seed, name);
    const faults = (): Faults => this.#faults;
    const world = (name: string) => {
      const own = random(`${name} lag`);
      return {
        now: () => scheduler.now(),
        after: (milliseconds: number, action: () => void) => scheduler.after(milliseconds, action),
        lag: () => (own.chance(faults().stale) ? own.int(0, LONGEST_LAG) : 0),
      };
    };
    this.random = random('driver');
    this.ecs = new SimulatedEcs(world('ecs'), random('ecs'), faults);
    this.tasks = new TaskLives(this.ecs, this.random, scheduler);
    this.ssm = new SimulatedSsm(world('ssm'), { writesPerSecond: settings.ssmWrites });
    this.cloudMap = new SimulatedCloudMap(world('cloud-map'), random('cloud-map'), faults);
    this.eventBridge = new SimulatedEventBridge(
      world('event-bridge'),
      random('event-bridge'),
      faults,
      settings.delivery,
    );
    this.queue = new SimulatedSqs(world('sqs'), random('sqs'), TASK_CHANGE);
    this.judge = new Judge(scheduler, this.ecs, this.ssm, settings.shards);
    this.#services = {
      ecs: this.ecs,
      ec2: new SimulatedEc2(),
      ssm: this.ssm,
      cloudMap: this.cloudMap,
      eventBridge: this.eventBridge,
      sqs: this.queue,
    };
    this.#surface = {
      scheduler,
      random: random('wire'),
      faults,
      onRequest: (program, command, input, outcome) => this.#onRequest(program, command, input, outcome),
    };

    const lambda = (name: string, timeout: number): LambdaFunction =>
      new LambdaFunction(
        (number) => {
          const skew = this.#surface.random.int(-500, 500);
          const who = `${name} ${number}`;
          return new Environment(who, this.#surface, this.#services, this.#discovery(), this.#report(who), skew);
        },
        this.#surface,
        { timeout, crashes: () => this.#faults.crash },
      );
    this.taskChange = lambda('task-change', TASK_CHANGE.timeout);
    this.resyncs = lambda('resync', RESYNC_TIMEOUT);
    this.source = new EventSource(this.queue, this.taskChange, this.#surface, {
      ...TASK_CHANGE,
      concurrency: settings.concurrency,
      batchSize: settings.batchSize,
    });
    this.collectors = Array.from({ length: settings.collectors }, (_, index) => this.#createCollector(index));
    this.#deploy();
  }

  get now(): number {
    return this.scheduler.now();
  }

  // The stage

  #deploy(): void {
    for (const { definition } of WORKLOADS) this.ecs.define(definition);
    for (const { service, registry } of MANAGED_REGISTRIES) this.ecs.attachRegistry(service, registry);
    this.cloudMap.addNamespace('ns-1', NAMESPACE);
    for (const service of CLOUD_MAP_SERVICES) this.cloudMap.addService(service);
    this.cloudMap.place('srv-web-team', 'theirs', { AWS_INSTANCE_IPV4: '10.9.9.9' });
    this.ssm.create(NAMESPACES_PARAMETER, NAMESPACE);
    for (const cluster of this.settings.clusters) this.#createShards(cluster, 0, this.#shards);

    this.ecs.onChange = (event) => this.#onChange(event);
    this.ssm.onWrite = (name, version, value) => this.#onWrite(name, version, value);
    this.cloudMap.onOperation = (what, service, instance) =>
      this.history.note({ time: this.now, who: 'Cloud Map', what: `${what} in ${service}`, taskId: instance });
    this.queue.onDeadLetter = ({ body, reason }) => {
      if (reason === undefined && !this.poison.has(body)) this.needsResync = true;
    };
    for (const collector of this.collectors) collector.start();
  }

  #createShards(cluster: string, from: number, to: number): void {
    for (let shard = from; shard < to; shard++) this.ssm.create(this.parameter(cluster, shard), EMPTY_SHARD_DOCUMENT);
  }

  parameter(cluster: string, shard: number): string {
    return `/${DEPLOYMENT}/${cluster}/targets/${shard}`;
  }

  #discovery(): DiscoverySettings {
    return {
      deployment: DEPLOYMENT,
      clusters: this.settings.clusters,
      shards: this.#shards,
      shardTier: this.settings.shardTier,
      namespacesParameter: NAMESPACES_PARAMETER,
      scrapeRules: SCRAPE_RULES,
      resyncRemovalLimitPercent: 50,
    };
  }

  #createCollector(index: number): TargetSync {
    const { clusters, shards } = this.settings;
    const collector = new TargetSync(this.#surface, this.ssm, { clusters, shards });
    collector.folder.onChange = (name, content) => {
      if (name.endsWith('.json')) this.history.note({ time: this.now, who: `files ${index}`, what: `${name} changed` });
      this.judge.fileChanged(String(index), name, content);
    };
    this.eventBridge.subscribers.push((body) => collector.queue.send(body));
    return collector;
  }

  #report(who: string): Report {
    const note = (what: string, fields: Readonly<Record<string, unknown>>): void => {
      const taskId = fields['taskId'] as TaskId | undefined;
      const error = fields['error'] === undefined ? '' : `: ${fields['error']}`;
      this.history.note({ time: this.now, who, what: what + error, ...(taskId && { taskId }) });
    };
    return {
      info: () => {},
      warn: (message, fields) => {
        this.warnings.set(message, (this.warnings.get(message) ?? 0) + 1);
        note(message, fields);
      },
      count: () => {},
    };
  }

  #isWaiting(): boolean {
    return (
      this.taskChange.isWaiting && this.resyncs.isWaiting && this.collectors.every((collector) => collector.isWaiting)
    );
  }

  // What is watched

  #onChange(event: EcsEvent): void {
    const { task, version, body } = event;
    const { lastStatus, desiredStatus } = task.versions[version - 1] as SimulatedTask['versions'][number];
    this.history.note({
      time: this.now,
      who: 'ECS',
      what: `v${version} ${lastStatus}${desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED' ? ' (desired STOPPED)' : ''}`,
      taskId: task.id,
    });
    // The rule of infra/constructs/observe/observe.ts.
    if (lastStatus !== 'RUNNING' && desiredStatus !== 'STOPPED') return;
    this.#events.push(event);
    if (!this.sendsEvents) return;
    if (!this.eventBridge.deliver((text) => this.queue.send(text), body)) {
      this.history.note({ time: this.now, who: 'EventBridge', what: `lost v${version}`, taskId: task.id });
      this.needsResync = true;
    }
    if (this.random.chance(this.#faults.poison)) {
      const poison = poisonLike(body, this.random, this.poison.size);
      this.poison.add(poison);
      this.queue.send(poison);
    }
  }

  #onWrite(name: string, version: number, value: string): void {
    const shard = /\/targets\/(\d+)$/.exec(name)?.[1];
    this.history.note({
      time: this.now,
      who: this.#byHand ? 'somebody' : 'SSM',
      what: `${name} has version ${version}`,
      ...(shard !== undefined && { shard: Number(shard), document: value }),
    });
    this.scheduler.touch();
    void this.judge.shardWritten(name, value, this.#byHand);
  }

  #onRequest(program: Program, command: string, input: Input, outcome: Outcome): void {
    this.requests.set(command, (this.requests.get(command) ?? 0) + 1);
    const isChange = command === 'RegisterInstance' || command === 'DeregisterInstance';
    const isDone = outcome === 'done' || outcome === 'ghost';
    // Cloud Map has no way to tell an old request from a new one; a resync finds what a ghost did.
    if (isChange && outcome === 'ghost') this.needsResync = true;
    if (isChange && isDone) {
      const service = CLOUD_MAP_SERVICES.find(({ id }) => id === input['ServiceId']);
      if (service?.id !== 'srv-api') {
        this.judge.blame('ownership', `${command} in ${service?.id}`, String(input['InstanceId']));
      }
    }
    const result = isDone ? '' : ` → ${outcome.name}`;
    const about = isChange ? { taskId: String(input['InstanceId']) } : {};
    if (command === 'PutParameter' || command === 'PutEvents' || isChange || !isDone) {
      const shard = /\/targets\/(\d+)$/.exec(String(input['Name'] ?? ''))?.[1];
      const where = shard === undefined ? {} : { shard: Number(shard) };
      this.history.note({ time: this.now, who: program.name, what: `${command}${result}`, ...about, ...where });
    }
  }

  /** Writes to AWS so far. */
  writes(): number {
    return WRITES.reduce((sum, command) => sum + (this.requests.get(command) ?? 0), 0);
  }

  /** Requests to AWS so far. */
  total(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  // What happens

  /** A resync, as its Lambda runs it: again where the time did not suffice. */
  resync(request: ResyncRequest = {}, done: (summary: ResyncSummary | undefined) => void = () => {}): void {
    this.history.note({ time: this.now, who: 'somebody', what: `resync ${JSON.stringify(request)}` });
    this.resyncs.invoke(
      (environment) => {
        const deadline = environment.deps.clock.now() + RESYNC_TIMEOUT - RESYNC_RESERVE;
        return resync(environment.deps, request, deadline, () => environment.calls);
      },
      (result) => {
        const problems = result?.summary.clusters.flatMap((cluster) => cluster.problems) ?? ['it died'];
        this.history.note({ time: this.now, who: 'resync', what: `ended ${problems.join('; ')}` });
        if (problems.length > 0) {
          // What it wrote may not be announced or registered, and settles the events of those tasks. AWS invokes one that
          // died again, the alarm on problems tells the operator of the others, and target-sync refreshes.
          this.needsResync = true;
          this.#needsRefresh = true;
        }
        if (result?.resume) this.resync(result.resume, done);
        else done(result?.summary);
      },
    );
  }

  /** What people and deployments do to a parameter. */
  mishap(kind: 'emptied' | 'garbage' | 'deleted' | 'restored'): void {
    const cluster = this.settings.clusters[0] as string;
    const name = this.parameter(cluster, this.random.int(0, this.#shards - 1));
    if (this.ssm.current(name) === undefined) return;
    this.history.note({ time: this.now, who: 'somebody', what: `${kind}: ${name}` });
    this.#byHand = true;
    this.needsResync = true;
    this.#needsRefresh = true;
    if (kind === 'emptied') this.ssm.overwrite(name, EMPTY_SHARD_DOCUMENT);
    else if (kind === 'deleted') {
      this.judge.excuseStopped();
      this.ssm.delete(name);
    } else if (kind === 'garbage') {
      this.ssm.overwrite(name, 'edited by hand');
      this.#needsForce = true;
    } else {
      const current = this.ssm.current(name)?.version ?? 1;
      const text = this.ssm.earlier(name, this.random.int(1, current)) ?? EMPTY_SHARD_DOCUMENT;
      this.judge.excuse();
      this.ssm.overwrite(name, text);
    }
    this.#byHand = false;
  }

  /** A deployment with more shards, which starts target-sync anew. */
  reshard(shards: number): void {
    this.history.note({ time: this.now, who: 'somebody', what: `deploys ${shards} shards` });
    for (const cluster of this.settings.clusters) this.#createShards(cluster, this.#shards, shards);
    this.#shards = Math.max(shards, this.#shards);
    this.judge.shards = this.#shards;
    this.taskChange.redeploy();
    this.resyncs.redeploy();
    for (const collector of this.collectors) {
      collector.shards = this.#shards;
      collector.kill(this.random.int(1000, 30_000));
    }
    this.needsResync = true;
  }

  killCollector(): void {
    for (const collector of this.collectors) collector.kill(this.random.int(1000, 30_000));
  }

  async run(milliseconds: number): Promise<void> {
    await this.scheduler.runUntil(this.now + milliseconds);
  }

  /** No more faults, and everything that is under way comes to its end. */
  async calmDown(): Promise<void> {
    this.history.note({ time: this.now, who: 'somebody', what: 'nothing fails from now on' });
    this.#faults = NO_FAULTS;
    this.ecs.isLying = false;
    await this.#rest();
  }

  /**
   * Until nothing is left to happen. Where files wait for the regular refresh, with it; there a message about a
   * parameter that nobody can read comes again and again, until somebody mends it.
   */
  async #rest(): Promise<void> {
    if (!this.needsRefresh) return this.scheduler.drain();
    for (let period = 0; period < 2 || !this.#isIdle(); period++) {
      if (period === MOST_PERIODS) throw new Error('the history does not end');
      for (const collector of this.collectors) void collector.refresh();
      await this.run(REFRESH_PERIOD);
    }
  }

  #isIdle(): boolean {
    return this.queue.size === 0 && this.eventBridge.underWay === 0 && !this.taskChange.isBusy && !this.resyncs.isBusy;
  }

  setFaults(faults: Faults): void {
    this.#faults = faults;
  }

  /** What an operator does in the end: a resync where events cannot have told everything. */
  async mend(): Promise<void> {
    // Catalogues and what a lying ECS said are forgotten by then.
    await this.run(10 * 60 * 1000);
    this.resync({ ...(this.#needsForce && { force: true }) });
    await this.#rest();
    this.resync();
    await this.#rest();
  }

  async refreshFiles(passes = 1): Promise<void> {
    for (let pass = 0; pass < passes; pass++) {
      for (const collector of this.collectors) void collector.refresh();
      await this.run(20_000);
    }
    await this.#rest();
  }

  /** Whether the files may lag behind until the next refresh. */
  get needsRefresh(): boolean {
    return this.#needsRefresh || this.eventBridge.lost > 0 || this.collectors.some(({ wasKilled }) => wasKilled);
  }

  async judgeConvergence(excluded?: (task: SimulatedTask) => boolean): Promise<void> {
    const folders = new Map(
      this.collectors.map(({ folder }, index) => [
        String(index),
        new Map(folder.names().map((name) => [name, folder.read(name)] as const)),
      ]),
    );
    await this.judge.converged(this.settings.clusters, folders, this.cloudMap, excluded);
  }

  /** Sends every event of the past once more, as if it had been received so often already. */
  repeatEvents({ receiveCount = 0 } = {}): void {
    for (const { body } of this.#events) this.queue.send(body, receiveCount);
  }

  /** The part of the history that has to do with the first thing that broke an invariant, or any of them. */
  explain(invariant?: Invariant): string {
    const violations = this.judge.violations.filter((it) => invariant === undefined || it.invariant === invariant);
    const [first] = violations;
    const lines = violations.slice(0, 5).map(({ invariant: broken, what, time, taskId }) => {
      const task = taskId === undefined ? '' : ` (task ${taskId}, shard ${shardOfTask(taskId, this.#shards)})`;
      return `${broken}: ${what}${task} at +${(time - START) / 1000} s`;
    });
    return `${lines.join('\n')}\n\n${this.history.about(first?.taskId, this.#shards)}`;
  }
}
