/** The simulated AWS account, its time, and what goes wrong in it. */
import { isElsewhere } from '../../functions/discovery/cluster/cluster-key.ts';
import { placeOfArn } from '../../functions/discovery/task/task.ts';
import { clusterArn } from '../../infra/local/ecs/arn.ts';
import { SimulatedCloudMap } from './aws/cloud-map.ts';
import { DeadLetters } from './aws/dead-letters.ts';
import { SimulatedEc2 } from './aws/ec2.ts';
import { SimulatedEcs } from './aws/ecs.ts';
import { SimulatedEventBridge } from './aws/event-bridge.ts';
import type { SimulatedService, Surroundings } from './aws/simulated-service.ts';
import { SimulatedSns } from './aws/sns.ts';
import { SimulatedSqs } from './aws/sqs.ts';
import { type QueueSettings, SimulatedQueue } from './aws/sqs-queue.ts';
import { SimulatedSsm } from './aws/ssm.ts';
import { SimulatedSts } from './aws/sts.ts';
import { type Faults, LONGEST_LAG, NO_FAULTS } from './faults.ts';
import { History } from './history.ts';
import { LambdaAccount } from './lambda/lambda-account.ts';
import { Outages } from './outages.ts';
import { Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import type { SimulationSettings } from './settings.ts';
import type { ServedRequest, Surface } from './surface.ts';

/** 2026-01-01, so that times in a history can be recognised. */
export const START = Date.UTC(2026, 0, 1);

export class World {
  readonly settings: SimulationSettings;
  readonly scheduler: Scheduler;
  readonly history = new History(START);
  readonly outages = new Outages();
  readonly surface: Surface;
  readonly ecs: SimulatedEcs;
  readonly ec2: SimulatedEc2;
  readonly sts: SimulatedSts;
  /** What watched clusters of other accounts and Regions are looked at with, by the beginning of their ARNs. */
  readonly elsewhere = new Map<string, { readonly ecs: SimulatedService; readonly ec2: SimulatedEc2 }>();
  readonly ssm: SimulatedSsm;
  readonly cloudMap: SimulatedCloudMap;
  readonly eventBridge: SimulatedEventBridge;
  readonly sns: SimulatedSns;
  readonly sqs: SimulatedSqs;
  readonly lambda: LambdaAccount;
  /** Requests by operation that reached AWS; refused ones count, as they do there. */
  readonly requests = new Map<string, number>();
  /** Those that were carried out. */
  readonly done = new Map<string, number>();
  /** All by who sent them, such as `observe DescribeTasks`. */
  readonly calls = new Map<string, number>();
  /** Asked whether code under test waits for something simulated; whoever adds a program adds its own question. */
  readonly whatWaits: (() => boolean)[] = [];
  #faults: Faults;

  constructor(settings: SimulationSettings) {
    this.settings = settings;
    this.#faults = settings.faults;
    this.scheduler = createScheduler(START, () => this.whatWaits.every((isWaiting) => isWaiting()));
    const faults = (): Faults => this.#faults;
    this.surface = {
      scheduler: this.scheduler,
      random: this.random('wire'),
      faults,
      outages: this.outages,
      onRequest: (request) => this.#onRequest(request),
    };
    const touch = (): void => this.scheduler.touch();
    const { clusters, ssmWrites, eventDelivery, topicDelivery, concurrency } = settings;
    this.ecs = new SimulatedEcs({ ...this.#around('ecs'), touch }, this.random('ecs'), faults, clusters);
    this.ec2 = new SimulatedEc2(this.#around('ec2'));
    this.sts = new SimulatedSts({ now: () => this.scheduler.now() });
    const places = clusters.filter(isElsewhere).map((cluster) => placeOfArn(clusterArn(cluster)));
    for (const place of places) {
      const ec2 = new SimulatedEc2(this.#around(`ec2 of ${place}`), 'ec2Elsewhere');
      this.elsewhere.set(place, { ecs: this.ecs.at(place), ec2 });
    }
    this.ssm = new SimulatedSsm(this.#around('ssm'), { writesPerSecond: ssmWrites });
    this.cloudMap = new SimulatedCloudMap(this.#around('cloud-map'), this.random('cloud-map'), faults);
    this.eventBridge = new SimulatedEventBridge(this.#around('rules'), this.random('rules'), faults, eventDelivery);
    this.sns = new SimulatedSns(this.#around('sns'), this.random('sns'), faults, topicDelivery);
    this.sqs = new SimulatedSqs(this.#around('sqs'), this.random('sqs'));
    this.lambda = new LambdaAccount(this.surface, concurrency);
    this.whatWaits.push(() => this.lambda.isWaiting);
  }

  get now(): number {
    return this.scheduler.now();
  }

  get faults(): Faults {
    return this.#faults;
  }

  setFaults(faults: Faults): void {
    this.#faults = faults;
  }

  /** Writes down what happens now. @param taskId of the task that it is about, if it is about one */
  note(who: string, what: string, taskId?: string): void {
    this.history.note({ time: this.now, who, what, ...(taskId !== undefined && { taskId }) });
  }

  /** No more faults from now on. */
  heal(): void {
    this.#faults = NO_FAULTS;
    this.ecs.isLying = false;
    this.ecs.lying.clear();
    this.outages.endAll();
    for (const queue of this.sqs.queues.values()) queue.isDown = false;
  }

  /** A generator of its own for each name, from the seed of the history. */
  random(name: string): Random {
    return Random.of(this.settings.seed, name);
  }

  /** The hosts of a cluster. */
  ec2Of(cluster: string): SimulatedEc2 {
    return this.elsewhere.get(placeOfArn(clusterArn(cluster)))?.ec2 ?? this.ec2;
  }

  addQueue(url: string, settings: QueueSettings): SimulatedQueue {
    const queue = new SimulatedQueue(url, this.#around(url), this.random(url), () => this.#faults, settings);
    this.sqs.queues.set(url, queue);
    return queue;
  }

  addDeadLetters(url: string): DeadLetters {
    const deadLetters = new DeadLetters(url);
    this.sqs.deadLetters.set(url, deadLetters);
    return deadLetters;
  }

  /** What is on its way between services, in words. What programs hold in memory is theirs to say. */
  underWay(): string[] {
    const tasks = [...this.ecs.tasks.values()].filter((task) => task.lastStatus !== 'STOPPED' && !isSettled(task));
    const counts: [string, number][] = [
      ['events', this.eventBridge.underWay],
      ['announcements', this.sns.underWay],
      ['invocations', this.lambda.underWay],
      ['operations of Cloud Map', this.cloudMap.operations.underWay],
      ...[...this.sqs.queues.values()].map(({ url, size }): [string, number] => [`messages in ${url}`, size]),
      ['tasks that start or stop', tasks.length],
    ];
    return counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  }

  #around(name: string): Surroundings {
    const random = this.random(`${name} lag`);
    return {
      now: () => this.scheduler.now(),
      after: (milliseconds, action) => this.scheduler.after(milliseconds, action),
      lag: () => (random.chance(this.#faults.stale) ? random.int(1, LONGEST_LAG) : 0),
    };
  }

  #onRequest({ from, command, input, outcome }: ServedRequest): void {
    this.requests.set(command, (this.requests.get(command) ?? 0) + 1);
    const call = `${from.split(' ')[0]} ${command}`;
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
    if (outcome === 'done' || outcome === 'ghost') this.done.set(command, (this.done.get(command) ?? 0) + 1);
    const isRefused = outcome !== 'done' && outcome !== 'ghost';
    if (isRefused || !WRITES.includes(command)) return;
    const what = `${command} ${input['Name'] ?? input['ServiceId'] ?? ''}${outcome === 'ghost' ? ', long given up' : ''}`;
    this.note(from, what, input['InstanceId'] as string | undefined);
  }
}

const WRITES = ['PutParameter', 'RegisterInstance', 'DeregisterInstance', 'PublishBatch'];

const isSettled = ({ lastStatus, desiredStatus }: { lastStatus: string; desiredStatus: string }): boolean =>
  lastStatus === 'RUNNING' && desiredStatus === 'RUNNING';
