/** Lambda: execution environments that keep their memory between invocations, and the event source of a queue. */

import type { Clients } from '../../functions/aws/clients.ts';
import { createTaskQueue } from '../../functions/aws/sqs.ts';
import { createDependencies } from '../../functions/lambda/dependencies.ts';
import { GATHERING, type Gathering, handleBatch } from '../../functions/lambda/queue-batch.ts';
import type { Report } from '../../functions/lambda/report.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import type { ResyncDeps } from '../../functions/resync/resync-cluster.ts';
import type { Input, SimulatedService } from './aws/simulated-service.ts';
import { DEAD_LETTER_QUEUE_URL, type Message, QUEUE_URL, type SimulatedSqs } from './aws/sqs.ts';
import { Program, type Surface } from './program.ts';

/** The services that a Lambda talks to. */
export interface Services {
  readonly ecs: SimulatedService;
  readonly ec2: SimulatedService;
  readonly ssm: SimulatedService;
  readonly cloudMap: SimulatedService;
  readonly eventBridge: SimulatedService;
  readonly sqs: SimulatedService;
}

/** As functions/aws/clients.ts sets them: six tries, but one for writes of SSM. */
const POLITE = 6;
const ONCE = 1;

/** An execution environment: the shipped code with what it remembers, on simulated clients. */
export class Environment {
  readonly program: Program;
  readonly deps: ResyncDeps;
  readonly queue: ReturnType<typeof createTaskQueue>;
  readonly report: Report;
  calls = 0;
  isBusy = false;

  constructor(
    name: string,
    surface: Surface,
    services: Services,
    settings: DiscoverySettings,
    report: Report,
    skew: number,
  ) {
    this.program = new Program(name, surface);
    this.report = report;
    const sender = (service: SimulatedService, attempts: number) => ({
      send: ((command: { constructor: { name: string }; input: Input }) => {
        this.calls++;
        const operation = command.constructor.name.replace(/Command$/, '');
        return this.program.request(service, operation, command.input, attempts);
        // biome-ignore lint/suspicious/noExplicitAny: `send` of the SDK has too many overloads to be written anew
      }) as any,
    });
    const clients: Clients = {
      ecs: sender(services.ecs, POLITE),
      ec2: async () => sender(services.ec2, POLITE),
      ssmRead: sender(services.ssm, POLITE),
      ssmWrite: sender(services.ssm, ONCE),
      serviceDiscovery: sender(services.cloudMap, POLITE),
      events: sender(services.eventBridge, POLITE),
    };
    this.deps = createDependencies(clients, settings, report, this.program.clock(skew));
    this.queue = createTaskQueue(async () => sender(services.sqs, POLITE), {
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    });
  }
}

export interface FunctionSettings {
  readonly timeout: number;
  /** Percent of the invocations in which the process dies at a request or a sleep. */
  readonly crashes: () => number;
}

/** A Lambda function: invocations in environments that are made when needed and used again. */
export class LambdaFunction {
  readonly #idle: Environment[] = [];
  readonly #busy = new Set<Environment>();
  readonly #create: (number: number) => Environment;
  readonly #surface: Surface;
  readonly #settings: FunctionSettings;
  #made = 0;
  #deployments = 0;

  constructor(create: (number: number) => Environment, surface: Surface, settings: FunctionSettings) {
    this.#create = create;
    this.#surface = surface;
    this.#settings = settings;
  }

  get isWaiting(): boolean {
    for (const { program } of this.#busy) if (!program.isWaiting) return false;
    return true;
  }

  get isBusy(): boolean {
    return this.#busy.size > 0;
  }

  /** New code or settings were deployed: new invocations get new environments. */
  redeploy(): void {
    this.#deployments++;
    this.#idle.length = 0;
  }

  /**
   * @param act the handler
   * @param done told the result, or undefined where the invocation died or ran out of time
   */
  invoke<Result>(act: (environment: Environment) => Promise<Result>, done: (result: Result | undefined) => void): void {
    const { scheduler, random } = this.#surface;
    const environment = this.#idle.pop() ?? this.#create(++this.#made);
    const { program } = environment;
    const deployment = this.#deployments;
    this.#busy.add(environment);
    let isOver = false;
    const end = (result: Result | undefined, isReusable: boolean): void => {
      if (isOver) return;
      isOver = true;
      program.live();
      this.#busy.delete(environment);
      if (isReusable && deployment === this.#deployments) this.#idle.push(environment);
      else program.die();
      done(result);
    };
    if (random.chance(this.#settings.crashes())) program.dieAt(random.int(1, 25), () => end(undefined, false));
    scheduler.after(this.#settings.timeout, () => end(undefined, false));
    scheduler.touch();
    act(environment).then(
      (result) => end(result, true),
      (error) => {
        environment.report.warn('the handler threw', { error: String(error?.stack ?? error) });
        end(undefined, true);
      },
    );
  }
}

/** As infra/constructs/observe/observe.ts sets them. */
export const TASK_CHANGE = {
  timeout: 30_000,
  batchSize: 1000,
  window: 1000,
  visibilityTimeout: 181_000,
  maxReceiveCount: 10,
  concurrency: 2,
} as const;

/** Left for settling the batch, as in functions/observe/handler.ts. */
const RESERVE = 5000;
const RECEIVED_AT_ONCE = 10;

/** The handler of functions/observe/handler.ts. */
async function handle(
  { deps, queue }: Environment,
  messages: readonly Message[],
  gathering: Gathering,
): Promise<string[]> {
  const deadline = deps.clock.now() + TASK_CHANGE.timeout - RESERVE;
  const given = messages.map((message) => ({ ...message, receiptHandle: message.messageId }));
  const kept = await handleBatch({ ...deps, queue }, given, deadline, gathering);
  return kept.map(({ itemIdentifier }) => itemIdentifier);
}

/** As the handler's own where batches are as large as deployed; full batches of a smaller size are large ones here. */
const gathering = (batchSize: number): Gathering =>
  batchSize >= GATHERING.largeBatch
    ? GATHERING
    : { largeBatch: Math.max(2, batchSize), most: 5 * batchSize, time: 3000 };

export interface EventSourceSettings {
  readonly concurrency: number;
  readonly batchSize: number;
  readonly window: number;
}

/** Lambda's poller: gathers messages for a while, invokes, deletes what was not reported as failed. */
export class EventSource {
  readonly #gathering: (Message[] | undefined)[];
  readonly #running = new Set<number>();
  readonly #queue: SimulatedSqs;
  readonly #surface: Surface;
  readonly #function: LambdaFunction;
  readonly #settings: EventSourceSettings;

  constructor(queue: SimulatedSqs, target: LambdaFunction, surface: Surface, settings: EventSourceSettings) {
    this.#queue = queue;
    this.#function = target;
    this.#surface = surface;
    this.#settings = settings;
    this.#gathering = Array.from({ length: settings.concurrency }, () => undefined);
    queue.onVisible = (time) => surface.scheduler.at(time, () => this.#poll());
  }

  #poll(): void {
    const { batchSize, window } = this.#settings;
    for (;;) {
      const open = [...this.#gathering.keys()].filter(
        (slot) => !this.#running.has(slot) && (this.#gathering[slot]?.length ?? 0) < batchSize,
      );
      if (open.length === 0) return;
      const slot = open[this.#surface.random.int(0, open.length - 1)] as number;
      const gathered = this.#gathering[slot];
      const most = Math.min(RECEIVED_AT_ONCE, batchSize - (gathered?.length ?? 0));
      const received = this.#queue.receive(most);
      if (received.length === 0) return;
      if (gathered) gathered.push(...received);
      else {
        this.#gathering[slot] = received;
        this.#surface.scheduler.after(window, () => this.#flush(slot));
      }
      if ((this.#gathering[slot]?.length ?? 0) >= batchSize) this.#flush(slot);
    }
  }

  #flush(slot: number): void {
    const messages = this.#gathering[slot];
    if (!messages || this.#running.has(slot)) return;
    this.#gathering[slot] = undefined;
    this.#running.add(slot);
    this.#function.invoke(
      (environment) => handle(environment, messages, gathering(this.#settings.batchSize)),
      (failed) => {
        this.#running.delete(slot);
        if (failed) {
          const kept = new Set(failed);
          for (const { messageId } of messages) if (!kept.has(messageId)) this.#queue.delete(messageId);
        }
        this.#poll();
      },
    );
  }
}
