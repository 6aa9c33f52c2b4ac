/** target-sync as short as it can be: what it hears, over what it reads at its start, goes into one file a cluster. */
import { SimulatedClient } from '../client.ts';
import type { Group } from '../judge/target-groups.ts';
import type { Collector } from '../pipeline.ts';
import { Program } from '../program.ts';
import { SimulatedVolume, WATCHED } from '../volume.ts';
import type { World } from '../world.ts';
import { type Change, decode, groupsIn, type Known, learn } from './change.ts';
import { parameterName } from './stages.ts';

/** What stands in a file; `write` counts from 1. */
export type Render = (groups: readonly Group[], write: number) => string;

interface Answer {
  readonly Messages?: readonly { readonly ReceiptHandle: string; readonly Body: string }[];
}

const POLL = { requestTimeout: 25_000, maxAttempts: 3 };

export class ReferenceCollector implements Collector {
  volume = new SimulatedVolume();
  readonly #world: World;
  readonly #queueUrl: string;
  readonly #render: Render;
  readonly #running = new Set<Program>();
  #writes = 0;
  shards: number;

  constructor(world: World, queueUrl: string, render: Render) {
    this.#world = world;
    this.#queueUrl = queueUrl;
    this.#render = render;
    this.shards = world.settings.shards;
    world.whatWaits.push(() => [...this.#running].every(({ isWaiting }) => isWaiting));
    world.scheduler.after(0, () => this.#start());
  }

  kill(restartAfter: number): void {
    this.#end([...this.#running]);
    this.#world.scheduler.after(restartAfter, () => this.#start());
  }

  replace(overlap: number): void {
    const before = [...this.#running];
    this.volume = new SimulatedVolume();
    this.#start();
    this.#world.scheduler.after(overlap, () => this.#end(before));
  }

  #end(programs: readonly Program[]): void {
    for (const program of programs) {
      program.die();
      this.#running.delete(program);
    }
  }

  #start(): void {
    const program = new Program(`target-sync ${this.#queueUrl}`, this.#world.surface);
    this.#running.add(program);
    this.#world.scheduler.touch();
    void this.#run(program, this.volume);
  }

  async #run(program: Program, volume: SimulatedVolume): Promise<void> {
    const files = volume.seenBy(() => program.instant());
    const { sqs, ssm, settings } = this.#world;
    const queue = new SimulatedClient(program, sqs, POLL);
    const parameters = new SimulatedClient(program, ssm, POLL);
    const known: Known = new Map();
    const write = async (cluster: string): Promise<void> => {
      const some = new Map([...known].filter(([, change]) => change.cluster === cluster));
      await files.writeFile('/volume/next', this.#render(groupsIn(some), ++this.#writes));
      await files.rename('/volume/next', `${WATCHED}/${cluster}.json`);
    };
    for (const cluster of settings.clusters) {
      await this.#read(parameters, program, cluster, known);
      await write(cluster);
    }
    for (;;) {
      try {
        const poll = { QueueUrl: this.#queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
        const { Messages = [] } = (await queue.request('ReceiveMessage', poll)) as Answer;
        const changes = Messages.flatMap(({ Body }) => JSON.parse(Body) as Change[]);
        const news = changes.filter((change) => learn(known, change));
        for (const cluster of new Set(news.map((change) => change.cluster))) await write(cluster);
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        if (Entries.length > 0) await queue.request('DeleteMessageBatch', { QueueUrl: this.#queueUrl, Entries });
      } catch {
        await program.wait(1000);
      }
    }
  }

  /** Tries until every shard was read: what is not known must not be taken for gone. */
  async #read(parameters: SimulatedClient, program: Program, cluster: string, known: Known): Promise<void> {
    const Names = Array.from({ length: this.shards }, (_, shard) => parameterName(cluster, shard));
    for (;;) {
      try {
        const { Parameters } = (await parameters.request('GetParameters', { Names })) as {
          Parameters: { Value: string }[];
        };
        for (const { Value } of Parameters)
          for (const change of decode(Value)?.known.values() ?? []) learn(known, change);
        return;
      } catch {
        await program.wait(1000);
      }
    }
  }
}
