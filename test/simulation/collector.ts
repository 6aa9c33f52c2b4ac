/** target-sync beside a collector: its shipped parts, on a simulated queue, simulated SSM and a folder in memory. */
import { createHealth } from '../../containers/target-sync/health.ts';
import { createIncidents } from '../../containers/target-sync/incidents.ts';
import { listen } from '../../containers/target-sync/listener.ts';
import { createPublisher, type Publisher } from '../../containers/target-sync/publisher.ts';
import { createRefresh } from '../../containers/target-sync/refresh.ts';
import type { ShardReading, ShardSource } from '../../containers/target-sync/shard-source.ts';
import { createTargetFiles } from '../../containers/target-sync/target-files.ts';
import { loadVersionMemory } from '../../containers/target-sync/version-memory.ts';
import { createChangeQueue } from '../../functions/aws/change-queue.ts';
import type { JsonService } from '../../functions/aws/json-service.ts';
import { createParameterReader } from '../../functions/aws/parameter-reader.ts';
import { createShardStore } from '../../functions/aws/shard-store.ts';
import { targetGroups } from '../../functions/discovery/target/file-sd.ts';
import type { Input } from './aws/simulated-service.ts';
import { type Message, SimulatedSqs } from './aws/sqs.ts';
import type { SimulatedSsm } from './aws/ssm.ts';
import { SimulatedFolder } from './files.ts';
import { DEPLOYMENT } from './fleet.ts';
import { Program, type Surface } from './program.ts';

const QUEUE = { visibilityTimeout: 30_000, maxReceiveCount: Number.POSITIVE_INFINITY };
const PATIENCE = 300_000;
/** target-sync's own client tries three times (functions/aws/json-service.ts). */
const ATTEMPTS = 3;

export class TargetSync {
  readonly folder = new SimulatedFolder();
  readonly queue: SimulatedSqs;
  readonly #surface: Surface;
  readonly #ssm: SimulatedSsm;
  readonly #clusters: readonly string[];
  /** Shards of each cluster; a new number counts from the next start on. */
  shards: number;
  #program: Program | undefined;
  #publisher: Publisher | undefined;
  #source: ShardSource | undefined;
  #starts = 0;
  #onMessage: (() => void) | undefined;
  /** Whether a process of it was killed, after which only a refresh need bring the files up to date. */
  wasKilled = false;

  constructor(
    surface: Surface,
    ssm: SimulatedSsm,
    { clusters, shards }: { readonly clusters: readonly string[]; readonly shards: number },
  ) {
    this.#surface = surface;
    this.#ssm = ssm;
    this.#clusters = clusters;
    this.shards = shards;
    const { scheduler, random } = surface;
    const world = {
      now: () => scheduler.now(),
      after: (milliseconds: number, action: () => void) => scheduler.after(milliseconds, action),
      lag: () => 0,
    };
    this.queue = new SimulatedSqs(world, random, QUEUE);
    this.queue.onVisible = (time) => scheduler.at(time, () => this.#onMessage?.());
  }

  get isWaiting(): boolean {
    return this.#program === undefined || this.#program.isWaiting;
  }

  get program(): Program | undefined {
    return this.#program;
  }

  /** As main() of containers/target-sync/main.ts. */
  start(): void {
    const program = new Program(`target-sync ${++this.#starts}`, this.#surface);
    this.#program = program;
    this.#surface.scheduler.touch();
    void this.#run(program);
  }

  /** kill -9; it is started again by ECS, once. */
  kill(restartAfter: number): void {
    if (!this.#program) return;
    this.#program.die();
    this.#program = undefined;
    this.#onMessage = undefined;
    this.wasKilled = true;
    this.#surface.scheduler.after(restartAfter, () => this.start());
  }

  async #run(program: Program): Promise<void> {
    const files = this.folder.seenBy(() => program.instant());
    const targetFiles = createTargetFiles(files, '/targets');
    await targetFiles.removeLeftOvers();
    const versions = await loadVersionMemory(files, '/targets');
    const count = this.shards;
    const owns = (cluster: string, shard: number) => this.#clusters.includes(cluster) && shard < count;
    await targetFiles.removeShards([...this.#clusters, ...versions.clusters()], owns);

    const clock = program.clock();
    const log = () => {};
    const incidents = createIncidents(log);
    const health = createHealth(clock.now, PATIENCE);
    const publisher = createPublisher({ files: targetFiles, versions, incidents, health, log, now: clock.now });
    const source = this.#createSource(program);
    this.#publisher = publisher;
    this.#source = source;
    void this.refresh();
    await listen(
      {
        queue: createChangeQueue(this.#sqsFor(program), 'queue'),
        source,
        publisher,
        incidents,
        log,
        clock,
        deployment: DEPLOYMENT,
        owns,
        patience: PATIENCE,
        onRestartedVersions: () => this.#surface.scheduler.after(1, () => this.refresh()),
        afterWork: () => {},
      },
      new AbortController().signal,
    );
  }

  /** One pass of its regular refresh. */
  async refresh(): Promise<void> {
    const [program, publisher, source] = [this.#program, this.#publisher, this.#source];
    if (!program || !publisher || !source) return;
    this.#surface.scheduler.touch();
    const clock = program.clock();
    const incidents = createIncidents(() => {});
    const onePass = new AbortController();
    const shards = Array.from({ length: this.shards }, (_, shard) => shard);
    await createRefresh({
      ...{ source, publisher, incidents, clock, clusters: this.#clusters, shards },
      health: createHealth(clock.now, PATIENCE),
      seconds: 300,
      afterWork: () => onePass.abort(),
    }).run(onePass.signal);
  }

  #createSource(program: Program): ShardSource {
    const ssm: JsonService = (operation, input) => program.request(this.#ssm, operation, input as Input, ATTEMPTS);
    const parameters = {
      ...createParameterReader(ssm),
      put: () => Promise.reject(new Error('target-sync only reads')),
    };
    const store = createShardStore(parameters, { deployment: DEPLOYMENT, shardTier: 'Standard' }, program.clock());
    return {
      async read(cluster, numbers) {
        const reads = await store.read(cluster, numbers);
        return new Map(
          [...reads].map(([number, read]): [number, ShardReading] => [
            number,
            read.kind === 'shard' ? { kind: 'targets', version: read.version, groups: targetGroups(read.shard) } : read,
          ]),
        );
      },
    };
  }

  /** The queue as SQS's JSON protocol speaks; a receive waits for as long as there is nothing. */
  #sqsFor(program: Program): JsonService {
    return async (operation, input) => {
      const { Entries = [] } = input as { Entries?: { ReceiptHandle: string; VisibilityTimeout: number }[] };
      switch (operation) {
        case 'ReceiveMessage':
          return { Messages: (await this.#receive(program)).map(toMessage) };
        case 'DeleteMessageBatch':
          await program.instant();
          for (const { ReceiptHandle } of Entries) this.queue.delete(ReceiptHandle);
          return {};
        case 'ChangeMessageVisibilityBatch':
          await program.instant();
          for (const { ReceiptHandle, VisibilityTimeout } of Entries) {
            this.queue.postpone(ReceiptHandle, VisibilityTimeout * 1000);
          }
          return {};
        default:
          throw new Error(operation);
      }
    };
  }

  async #receive(program: Program): Promise<Message[]> {
    for (;;) {
      const messages = program.alive ? this.queue.receive(10) : [];
      if (messages.length > 0) {
        await program.wait(5);
        return messages;
      }
      await program.until((resume) => {
        this.#onMessage = resume;
      });
      this.#onMessage = undefined;
    }
  }
}

const toMessage = ({ messageId, body, sentAt, receiveCount }: Message) => ({
  ReceiptHandle: messageId,
  Body: body,
  Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receiveCount) },
});
