/** Watches a history and says which invariant it breaks, where and how. */
import { createShardStore, type ShardReader } from '../../functions/aws/shard-store.ts';
import { decodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import { targetGroups } from '../../functions/discovery/target/file-sd.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import type { CloudMapServiceDefinition, SimulatedCloudMap } from './aws/cloud-map.ts';
import type { SimulatedEcs, SimulatedTask } from './aws/ecs.ts';
import type { SimulatedSsm } from './aws/ssm.ts';
import { byTask, DEPLOYMENT, expectedTargets, type Group, OWNER, workloadOf } from './fleet.ts';
import type { Scheduler } from './scheduler.ts';

export const INVARIANTS = [
  'convergence',
  'nothing vanishes',
  'nothing returns',
  'isolation',
  'ownership',
  'atomicity',
  'quiet',
  'bounded',
] as const;

export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly time: number;
  readonly what: string;
  readonly taskId?: TaskId;
}

type Time = Pick<Scheduler, 'now' | 'after'>;

/** Where targets are published: a shard's parameter, or a target file. */
interface Place {
  /** What a reader sees there, by task. */
  readonly now: ReadonlyMap<string, string>;
}

/**
 * An adding that was under way when its task stopped may still arrive: an observation is written for 30 s at most, and
 * a request may be on its way for 15 s more.
 */
const LATEST_ARRIVAL = 50_000;
/** Less than Prometheus takes to notice a change of its files. */
const MOMENT = 1000;

export class Judge {
  readonly violations: Violation[] = [];
  readonly #now: () => number;
  readonly #later: (milliseconds: number, action: () => void) => void;
  readonly #ecs: SimulatedEcs;
  readonly #reader: ShardReader;
  readonly #places = new Map<string, Place>();
  /** Stopped tasks that were seen to be gone from a place. */
  readonly #gone = new Map<string, Set<string>>();
  /** When each task first stood in a shard. */
  readonly publishedAt = new Map<string, number>();
  /** Tasks that were told to be absent by somebody who may: a person who edits a parameter. */
  readonly excused = new Set<string>();
  shards: number;
  /** Whether a file may lack, until the next message, a task that moved to another shard. */
  filesMayBeLate = true;

  constructor({ now, after }: Time, ecs: SimulatedEcs, ssm: SimulatedSsm, shards: number) {
    this.#now = now;
    this.#later = after;
    this.#ecs = ecs;
    this.shards = shards;
    const parameters = {
      get: async (names: readonly string[]) =>
        new Map(
          names.flatMap((name) => {
            const current = ssm.current(name);
            return current ? [[name, current] as const] : [];
          }),
        ),
      getVersion: async (name: string, version: number) => {
        const value = ssm.earlier(name, version);
        return value === undefined ? undefined : { value, version };
      },
      put: () => Promise.reject(new Error('a judge only reads')),
    };
    const clock = { now, random: () => 0, sleep: async () => {} };
    this.#reader = createShardStore(parameters, { deployment: DEPLOYMENT, shardTier: 'Standard' }, clock);
  }

  blame(invariant: Invariant, what: string, taskId?: string): void {
    this.violations.push({
      invariant,
      time: this.#now(),
      what,
      ...(taskId !== undefined && { taskId: taskId as TaskId }),
    });
  }

  /** A version of a shard's parameter was written: how it reads, alone and with what it overwrote. */
  async shardWritten(name: string, value: string, byHand: boolean): Promise<void> {
    const [, deployment, cluster = '', folder, number] = name.split('/');
    if (byHand) return;
    if (deployment !== DEPLOYMENT || folder !== 'targets' || !/^\d+$/.test(number ?? '')) {
      this.blame('ownership', `wrote the parameter ${name}`);
      return;
    }
    try {
      decodeShard(value);
    } catch (error) {
      this.blame('atomicity', `a version of ${name} cannot be read: ${error}`);
      return;
    }
    const shard = Number(number);
    const read = (await this.#reader.read(cluster, [shard])).get(shard);
    if (read?.kind === 'shard') this.#published(`shard ${cluster}/${shard}`, targetGroups(read.shard));
  }

  fileChanged(directory: string, name: string, content: string | undefined): void {
    if (!name.endsWith('.json')) return;
    const place = `file ${directory}/${name}`;
    if (content === undefined) {
      this.#places.delete(place);
      return;
    }
    try {
      this.#published(place, JSON.parse(content) as Group[]);
    } catch {
      this.blame('atomicity', `${place} is half written`);
    }
  }

  #published(name: string, groups: readonly Group[]): void {
    const after = byTask(groups);
    const before = this.#places.get(name)?.now ?? new Map<string, string>();
    const gone = this.#gone.get(name) ?? new Set<string>();
    this.#gone.set(name, gone);
    this.#places.set(name, { now: after });
    for (const id of before.keys()) {
      if (after.has(id)) continue;
      const task = this.#task(id);
      const isStopping = task && this.#ecs.stoppingSince(task) !== undefined;
      if (isStopping) gone.add(id);
      else if (!this.#standsElsewhere(name, id)) this.#vanished(name, id);
    }
    for (const [id, targets] of after) {
      if (name.startsWith('shard') && !this.publishedAt.has(id)) this.publishedAt.set(id, this.#now());
      const task = this.#task(id);
      if (!task || (targets !== before.get(id) && !this.#wasEverRight(task, targets))) {
        this.blame('atomicity', `${name} shows targets that the task never had: ${targets}`, id);
        continue;
      }
      const since = this.#ecs.stoppingSince(task);
      if (since === undefined || before.has(id) || this.excused.has(id)) continue;
      if (gone.has(id)) this.blame('nothing returns', `a stopped task came back into ${name}`, id);
      else if (this.#now() - since > LATEST_ARRIVAL && name.startsWith('shard')) {
        this.blame('nothing returns', `${name} shows a task that stopped ${(this.#now() - since) / 1000} s ago`, id);
      }
    }
  }

  /** Files are written one after the other: one that moves may be between two of them for a moment. */
  #vanished(name: string, id: string): void {
    this.#later(name.startsWith('file') ? MOMENT : 0, () => {
      const task = this.#task(id);
      const isBack =
        name.startsWith('file') && (this.#places.get(name)?.now.has(id) || this.#standsElsewhere(name, id));
      const isStopping = task && this.#ecs.stoppingSince(task) !== undefined;
      if (!isBack && !isStopping) this.blame('nothing vanishes', `a running task left ${name}`, id);
    });
  }

  #task(id: string): SimulatedTask | undefined {
    return this.#ecs.tasks.get(id as TaskId);
  }

  /**
   * After a change of the number of shards a task may leave a shard once it stands in another. Where messages are late,
   * the file of the new shard may be late, too.
   */
  #standsElsewhere(name: string, id: string): boolean {
    const kinds = this.filesMayBeLate ? ['shard', 'file'] : [name.slice(0, name.lastIndexOf('/'))];
    return [...this.#places].some(
      ([other, { now }]) => other !== name && kinds.some((kind) => other.startsWith(kind)) && now.has(id),
    );
  }

  /** Whether the task ever offered exactly these targets; the port of bridge mode changes with each restart. */
  #wasEverRight(task: SimulatedTask, targets: string): boolean {
    const ports = new Set(task.versions.map(({ hostPort }) => hostPort));
    return [...ports].some((hostPort) => {
      const upTo = task.versions.findLastIndex((version) => version.hostPort === hostPort) + 1;
      return expectedTargets({ ...task, versions: task.versions.slice(0, upTo) }) === targets;
    });
  }

  // At the end, when nothing happens any more

  /** Compares all that is published with what ECS says. */
  async converged(
    clusters: readonly string[],
    folders: ReadonlyMap<string, ReadonlyMap<string, string | undefined>>,
    cloudMap: SimulatedCloudMap,
    excluded: (task: SimulatedTask) => boolean = () => false,
  ): Promise<void> {
    const running = [...this.#ecs.tasks.values()].filter(
      (task) => this.#ecs.runs(task) && expectedTargets(task) !== '' && !excluded(task),
    );
    for (const cluster of clusters) {
      const numbers = Array.from({ length: this.shards }, (_, shard) => shard);
      const reads = await this.#reader.read(cluster, numbers);
      for (const [shard, read] of reads) {
        const wanted = new Map(
          running
            .filter((task) => task.cluster === cluster && shardOfTask(task.id, this.shards) === shard)
            .map((task): [string, string] => [task.id, expectedTargets(task)]),
        );
        if (read.kind !== 'shard') this.blame('convergence', `shard ${cluster}/${shard} is ${read.kind}`);
        else this.#compare(`shard ${cluster}/${shard}`, byTask(targetGroups(read.shard)), wanted, excluded);
        for (const [directory, files] of folders) {
          const name = `${cluster}-${shard}.json`;
          const content = files.get(name);
          const groups = content === undefined ? [] : (JSON.parse(content) as Group[]);
          this.#compare(`file ${directory}/${name}`, byTask(groups), wanted, excluded);
        }
      }
    }
    const registered = running.filter((task) => workloadOf(task).registry !== undefined);
    for (const service of cloudMap.services().filter(({ tags }) => tags[OWNER] === DEPLOYMENT)) {
      this.#compareRegistry(service, cloudMap, registered, excluded);
    }
  }

  #compare(
    place: string,
    actual: ReadonlyMap<string, string>,
    wanted: ReadonlyMap<string, string>,
    excluded: (task: SimulatedTask) => boolean,
  ): void {
    for (const [id, targets] of wanted) {
      const found = actual.get(id);
      if (found === undefined) this.blame('convergence', `${place} lacks a running task`, id);
      else if (found !== targets) this.blame('convergence', `${place} has\n${found}\ninstead of\n${targets}`, id);
    }
    for (const id of actual.keys()) {
      const task = this.#task(id);
      if (!wanted.has(id) && !(task && excluded(task)))
        this.blame('convergence', `${place} has a task that does not run`, id);
    }
  }

  #compareRegistry(
    { id: serviceId }: CloudMapServiceDefinition,
    cloudMap: SimulatedCloudMap,
    running: readonly SimulatedTask[],
    excluded: (task: SimulatedTask) => boolean,
  ): void {
    const wanted = new Map(
      running
        .filter((task) => workloadOf(task).registry === serviceId)
        .map((task): [string, SimulatedTask] => [task.id, task]),
    );
    const instances = cloudMap.instancesOf(serviceId);
    for (const [id, task] of wanted) {
      const attributes = instances.get(id)?.attributes;
      const [endpoint] = workloadOf(task).endpoints(task);
      if (!attributes) this.blame('convergence', `${serviceId} lacks a running task`, id);
      else if (
        attributes['AWS_INSTANCE_IPV4'] !== task.address ||
        attributes['AWS_INSTANCE_PORT'] !== String(endpoint?.port) ||
        attributes['ECS_CLUSTER_NAME'] !== task.cluster ||
        attributes['METRICS_PATH'] !== endpoint?.labels['__metrics_path__']
      ) {
        this.blame('convergence', `${serviceId} has wrong attributes: ${JSON.stringify(attributes)}`, id);
      }
    }
    for (const id of instances.keys()) {
      const task = this.#task(id);
      if (!wanted.has(id) && !(task && excluded(task)))
        this.blame('convergence', `${serviceId} has an instance of a task that does not run`, id);
    }
  }

  /** A person put an earlier text back: what it brings back is theirs. */
  excuse(): void {
    for (const id of this.#ecs.tasks.keys()) this.excused.add(id);
  }

  /** A person threw away what was remembered of stops: a writer who began before may bring back those. */
  excuseStopped(): void {
    for (const task of this.#ecs.tasks.values()) {
      if (this.#ecs.stoppingSince(task) !== undefined) this.excused.add(task.id);
    }
  }
}
