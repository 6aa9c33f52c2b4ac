/** The shipped target-sync beside a collector, on a simulated queue, simulated SSM and a volume in memory. */
import type { FileSystem } from '../../../containers/target-sync/files/file-system.ts';
import { createStateFiles } from '../../../containers/target-sync/files/state-files.ts';
import { createTargetFiles } from '../../../containers/target-sync/files/target-files.ts';
import { createHealth } from '../../../containers/target-sync/operator/health.ts';
import { createIncidents } from '../../../containers/target-sync/operator/incidents.ts';
import { newClusters, startSync } from '../../../containers/target-sync/sync/start-sync.ts';
import { PATIENCE } from '../../../functions/aws/clients.ts';
import { createParameterReader } from '../../../functions/aws/parameters.ts';
import { createShardReader } from '../../../functions/aws/shard-reader.ts';
import { createMessageQueue } from '../../../functions/aws/sqs.ts';
import { SimulatedClient } from '../client.ts';
import { DEPLOYMENT } from '../fleet.ts';
import type { Collector } from '../pipeline.ts';
import { Program } from '../program.ts';
import { SimulatedVolume, WATCHED } from '../volume.ts';
import type { World } from '../world.ts';

const STATE = '/volume/state';
/** target-sync's default. */
const REFRESH_SECONDS = 300;
/** As containers/target-sync/main.ts: the process ends after this time, whatever is in hand. */
const STOP_WITHIN = 3000;

interface Running {
  readonly program: Program;
  readonly stop: AbortController;
}

export class ProductCollector implements Collector {
  volume = new SimulatedVolume();
  readonly #world: World;
  readonly #queueUrl: string;
  readonly #index: number;
  readonly #running = new Set<Running>();
  #starts = 0;
  /** Counts what was done to it: a start that waits is no longer wanted after the next. */
  #turn = 0;
  shards: number;

  constructor(world: World, queueUrl: string, index: number) {
    this.#world = world;
    this.#queueUrl = queueUrl;
    this.#index = index;
    this.shards = world.settings.shards;
    world.whatWaits.push(() => [...this.#running].every(({ program }) => program.isWaiting));
    world.scheduler.after(0, () => this.#start());
  }

  /** Whether it waits to be started again. */
  get isDown(): boolean {
    return this.#running.size === 0;
  }

  /** ECS starts one container again, however often it is killed meanwhile. */
  kill(restartAfter: number): void {
    for (const running of this.#running) this.#end(running);
    const turn = ++this.#turn;
    this.#world.scheduler.after(restartAfter, () => {
      if (turn === this.#turn) this.#start();
    });
  }

  replace(overlap: number): void {
    const before = [...this.#running];
    this.volume = new SimulatedVolume();
    this.#turn++;
    this.#start();
    this.#world.scheduler.after(overlap, () => {
      for (const { stop } of before) stop.abort();
      this.#world.scheduler.touch();
      this.#world.scheduler.after(STOP_WITHIN, () => {
        for (const running of before) this.#end(running);
      });
    });
  }

  #end(running: Running): void {
    running.program.die();
    this.#running.delete(running);
  }

  /** As containers/target-sync/main.ts. */
  #start(): void {
    const { surface, settings, sqs, ssm } = this.#world;
    const program = new Program(`target-sync ${this.#index}.${++this.#starts}`, surface);
    const running = { program, stop: new AbortController() };
    this.#running.add(running);
    const clock = program.clock(surface.random.int(-settings.clockSkew, settings.clockSkew));
    const files = this.volume.seenBy(() => program.instant()) as unknown as FileSystem;
    const queue = new SimulatedClient(program, sqs, PATIENCE.targetSyncQueue);
    const parameters = new SimulatedClient(program, ssm, PATIENCE.targetSync);
    const log = (_level: string, what: string): void => this.#world.note(program.name, what);
    const { clusters } = settings;
    const watched = { deployment: DEPLOYMENT, clusters, shards: this.shards, refreshSeconds: REFRESH_SECONDS };
    const owns = (shard: number): boolean => shard % settings.collectors === this.#index;
    this.#world.scheduler.touch();
    startSync(
      {
        queue: createMessageQueue(async () => queue, { queueUrl: this.#queueUrl }),
        source: createShardReader(createParameterReader(parameters), DEPLOYMENT, clock),
        targetFiles: createTargetFiles(files, { directory: WATCHED, temporaries: STATE }),
        stateFiles: createStateFiles(files, STATE),
        incidents: createIncidents((level, what) => (level === 'error' ? log(level, what) : undefined), clock.now),
        health: createHealth(clock.now, 3 * REFRESH_SECONDS * 1000),
        log: () => {},
        clock,
        afterWork: () => {},
        settings: watched,
        clusters: newClusters(watched, owns),
        owns,
      },
      running.stop.signal,
    ).then(
      () => this.#end(running),
      (error: unknown) => {
        log('error', `threw ${error instanceof Error ? error.stack : error}`);
        this.#end(running);
      },
    );
  }
}
