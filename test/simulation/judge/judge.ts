/** Watches a history and says which invariant it breaks, where and how. */
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { SimulatedCloudMap } from '../aws/cloud-map.ts';
import type { SimulatedSsm } from '../aws/ssm.ts';
import { expectedTargets } from '../fleet.ts';
import type { ReadShardText } from './counting-version.ts';
import { isRunning, Place, type Truth } from './place.ts';
import { PrometheusFolder } from './prometheus-folder.ts';
import { compareRegistrations } from './registrations.ts';
import { ShardParameters } from './shard-parameters.ts';
import type { Blame, Violation } from './violation.ts';

export interface Watched {
  readonly ssm: SimulatedSsm;
  readonly cloudMap: SimulatedCloudMap;
  readonly clusters: readonly string[];
  readonly collectors: number;
  readonly read: ReadShardText;
  /** Cluster of a shard's parameter by its name; undefined for other parameters. */
  readonly clusterOf: (parameter: string) => string | undefined;
}

/** Less than Prometheus takes to notice a change of its files. */
const MOMENT = 1000;
/**
 * An adding that was under way when its task stopped may still arrive: an observation is believed for 30 s, and a request
 * may be on its way for 15 s more.
 */
const LATEST_ADDING = 50_000;

export class Judge {
  readonly violations: Violation[] = [];
  readonly folders: readonly PrometheusFolder[];
  readonly parameters: ReadonlyMap<string, ShardParameters>;
  readonly #truth: Truth;
  readonly #watched: Watched;

  constructor(truth: Truth, watched: Watched) {
    this.#truth = truth;
    this.#watched = watched;
    const { ssm, read, clusters, collectors } = watched;
    const place = (name: string, patience: number, latestAdding: number): Place =>
      new Place(truth, this.blame, { name, patience, latestAdding });
    this.folders = Array.from({ length: collectors }, (_, index) => {
      const name = `folder ${index}`;
      return new PrometheusFolder(name, place(name, MOMENT, Number.POSITIVE_INFINITY), this.blame);
    });
    this.parameters = new Map(
      clusters.map((cluster) => [
        cluster,
        new ShardParameters(place(`the configuration of ${cluster}`, MOMENT, LATEST_ADDING), ssm, read),
      ]),
    );
  }

  readonly blame: Blame = (invariant, what, taskId) => {
    this.violations.push({ invariant, time: this.#truth.now(), what, ...(taskId !== undefined && { taskId }) });
  };

  /** A parameter has a new version. */
  parameterWritten(name: string, value: string, byHand: boolean): void {
    const cluster = this.#watched.clusterOf(name);
    if (!byHand && cluster === undefined) this.blame('ownership', `wrote the parameter ${name}`);
    if (!byHand && !this.#watched.read(value)) this.blame('atomicity', `a version of ${name} cannot be read`);
    if (cluster !== undefined) this.parameters.get(cluster)?.written(name, byHand);
  }

  parameterDeleted(name: string): void {
    const cluster = this.#watched.clusterOf(name);
    if (cluster !== undefined) this.parameters.get(cluster)?.deleted(name);
  }

  /** Compares all that is published with what ECS says, when nothing happens any more. */
  converged(excluded: (task: Task) => boolean = () => false): void {
    const isExcluded = (id: string): boolean => {
      const task = this.#truth.tasks.get(id);
      return task !== undefined && excluded(task);
    };
    const running = [...this.#truth.tasks.values()].filter(
      (task) => isRunning(task) && expectedTargets(task) !== '' && !excluded(task),
    );
    const all = new Map(running.map((task) => [task.id, expectedTargets(task)]));
    for (const folder of this.folders) {
      folder.place.mustShow(all, isExcluded);
      folder.mustShowEachOnce();
    }
    for (const [cluster, { place }] of this.parameters) {
      const wanted = running.filter((task) => task.cluster === cluster);
      place.mustShow(new Map(wanted.map((task) => [task.id, expectedTargets(task)])), isExcluded);
    }
    compareRegistrations(this.#watched.cloudMap, running, this.blame, isExcluded);
  }
}
