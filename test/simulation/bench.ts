/**
 * Measures the shipped code on the simulated AWS, with its limits and delays, against the budgets:
 *
 *     npm run bench
 *
 * Times are virtual, so they depend neither on this machine nor on what else it does. The requests of a day are
 * measured by test/docs, bundles and their starts by docs/decisions/lambda-bundles.md.
 */
import type { SimulatedTask } from './aws/ecs.ts';
import { NO_FAULTS } from './faults.ts';
import { WORKLOADS, type Workload } from './fleet.ts';
import { DEFAULTS } from './settings.ts';
import { Simulation } from './simulation.ts';

const workload = (name: string): Workload => WORKLOADS.find((some) => some.name === name) as Workload;
/** Cloud Map holds 1,000 instances of a service at most, too few for the old and the new tasks of a large one. */
const SMALL = workload('registered');
const LARGE = workload('ruled');
const SEED = 1;
/** The service scheduler starts up to 500 Fargate tasks of a service in a minute (ECS developer guide, service quotas). */
const LAUNCHES_PER_MINUTE = 500;
/** 80 ms in nine of ten cases (AWS Architecture Blog, "Mastering millisecond latency … Amazon Key", February 2026). */
const DELIVERY = { least: 30, most: 120 };
/** PutParameter requests a second of an account, before and after "higher throughput" is turned on (SSM quotas). */
const SSM_WRITES = { byDefault: 3, higher: 10 };
/** For 1,000 tasks: as few as hold a rolling deployment, and one for 60 tasks, the rule of docs/settings.md. */
const SHARDS = { packed: 8, roomy: 17 };

interface Measured {
  readonly what: string;
  readonly value: string;
  readonly budget: string;
  readonly kept: boolean;
}

/** A simulation that notes, for each task that comes to run or is told to stop, when its target file says so. */
class Stopwatch {
  readonly simulation: Simulation;
  /** Milliseconds from the event to the file. */
  readonly delays: number[] = [];
  /** Changes that no file shows yet: when they happened, by task. */
  readonly #coming = new Map<string, number>();
  readonly #going = new Map<string, number>();
  readonly #shown = new Map<string, ReadonlySet<string>>();
  lastEvent = 0;
  lastFile = 0;

  constructor(shards: number, ssmWrites: number) {
    const settings = { ...DEFAULTS, seed: SEED, shards, ssmWrites, delivery: DELIVERY, faults: NO_FAULTS };
    this.simulation = new Simulation(settings);
    const { ecs, collectors } = this.simulation;
    const { onChange } = ecs;
    ecs.onChange = (event) => {
      this.#changed(event.task);
      onChange(event);
    };
    for (const { folder } of collectors) {
      const told = folder.onChange;
      folder.onChange = (name, content) => {
        told(name, content);
        if (name.endsWith('.json')) this.#written(name, content);
      };
    }
  }

  /** Changes that no file ever showed. */
  get open(): number {
    return this.#coming.size + this.#going.size;
  }

  #changed(task: SimulatedTask): void {
    const { now } = this.simulation;
    const { lastStatus, desiredStatus } = task.versions.at(-1) as SimulatedTask['versions'][number];
    const before = task.versions.at(-2);
    const comes = lastStatus === 'RUNNING' && desiredStatus === 'RUNNING' && before?.lastStatus !== 'RUNNING';
    const goes = desiredStatus === 'STOPPED' && before?.desiredStatus === 'RUNNING' && before.lastStatus === 'RUNNING';
    if (comes) this.#coming.set(task.id, now);
    if (goes) this.#going.set(task.id, now);
    if (comes || goes) this.lastEvent = now;
  }

  #written(name: string, content: string | undefined): void {
    const { now } = this.simulation;
    const groups = JSON.parse(content ?? '[]') as { labels: Record<string, string> }[];
    const tasks = new Set(groups.map(({ labels }) => labels['taskid'] ?? ''));
    const before = this.#shown.get(name) ?? new Set();
    this.#shown.set(name, tasks);
    const settle = (changes: Map<string, number>, taskId: string): void => {
      const since = changes.get(taskId);
      if (since === undefined) return;
      changes.delete(taskId);
      this.delays.push(now - since);
      this.lastFile = now;
    };
    for (const taskId of tasks.difference(before)) settle(this.#coming, taskId);
    for (const taskId of before.difference(tasks)) settle(this.#going, taskId);
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

const atMost = (what: string, milliseconds: number, budget: number): Measured => ({
  what,
  value: seconds(milliseconds),
  budget: `≤ ${seconds(budget)}`,
  kept: milliseconds <= budget,
});

const none = (what: string, count: number): Measured => ({
  what,
  value: String(count),
  budget: '0',
  kept: count === 0,
});

/** What went wrong on the way, as an operator would see it. */
const troubles = ({ simulation, open }: Stopwatch, of: string): Measured[] => [
  none(`${of}: changes that no file shows`, open),
  none(`${of}: records that ended in the dead-letter queue`, simulation.queue.deadLetters.length),
  none(`${of}: broken invariants`, simulation.judge.violations.length),
];

async function calm(): Promise<Measured[]> {
  const watch = new Stopwatch(4, SSM_WRITES.byDefault);
  const { simulation } = watch;
  const tasks: SimulatedTask[] = [];
  for (let change = 0; change < 500; change++) {
    const oldest = tasks.length >= 50 ? tasks.shift() : undefined;
    if (oldest) simulation.tasks.stop(oldest);
    else tasks.push(simulation.tasks.launch(SMALL, 'prod'));
    await simulation.run(30_000);
  }
  await simulation.calmDown();
  return [
    atMost(`calm, ${watch.delays.length} changes: event to file, median`, quantile(watch.delays, 0.5), 1500),
    atMost('calm: event to file, 99 %', quantile(watch.delays, 0.99), 4000),
    ...troubles(watch, 'calm'),
  ];
}

interface Replacement {
  readonly tasks: number;
  readonly shards: number;
  readonly launchesPerMinute: number;
  readonly ssmWrites: number;
}

/** Replaces all tasks of one service: new ones start at the given rate, and each makes an old one stop. */
async function replace({ tasks, shards, launchesPerMinute, ssmWrites }: Replacement): Promise<Stopwatch> {
  const watch = new Stopwatch(shards, ssmWrites);
  const { simulation } = watch;
  const old: SimulatedTask[] = [];
  for (let task = 0; task < tasks; task++) {
    old.push(simulation.tasks.launch(LARGE, 'prod'));
    if (task % 10 === 9) await simulation.run(600_000 / LAUNCHES_PER_MINUTE);
  }
  await simulation.run(120_000);
  watch.delays.length = 0;
  for (const [index, task] of old.entries()) {
    simulation.tasks.launch(LARGE, 'prod');
    simulation.scheduler.after(20_000, () => simulation.tasks.stop(task));
    if (index % 10 === 9) await simulation.run(600_000 / launchesPerMinute);
  }
  await simulation.calmDown();
  return watch;
}

/** Bytes of all shards of a cluster. */
function bytesOf(simulation: Simulation): number {
  const numbers = Array.from({ length: simulation.settings.shards }, (_, shard) => shard);
  const texts = numbers.map((shard) => simulation.ssm.current(simulation.parameter('prod', shard))?.value ?? '');
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

async function deployment(shards: number, ssmWrites: number): Promise<Measured[]> {
  const of = `1,000 tasks replaced, ${shards} shards, SSM ${ssmWrites}/s`;
  const watch = await replace({ tasks: 1000, shards, launchesPerMinute: LAUNCHES_PER_MINUTE, ssmWrites });
  const bytes = bytesOf(watch.simulation) / 1000;
  return [
    atMost(`${of}: event to file, median`, quantile(watch.delays, 0.5), 5000),
    atMost(`${of}: event to file, 99 %`, quantile(watch.delays, 0.99), 5000),
    atMost(`${of}: event to file, slowest`, quantile(watch.delays, 1), 5000),
    ...troubles(watch, of),
    ...(shards === SHARDS.packed
      ? [{ what: `${of}: SSM bytes a target`, value: bytes.toFixed(1), budget: '≤ 48', kept: bytes <= 48 }]
      : []),
  ];
}

async function everything(ssmWrites: number): Promise<Measured[]> {
  const of = `10,000 tasks replaced at once, SSM ${ssmWrites}/s`;
  const watch = await replace({ tasks: 10_000, shards: 125, launchesPerMinute: 60_000, ssmWrites });
  return [atMost(`${of}: last event to last file`, watch.lastFile - watch.lastEvent, 60_000), ...troubles(watch, of)];
}

const CASES: Readonly<Record<string, () => Promise<Measured[]>>> = {
  calm,
  deployment: () => deployment(SHARDS.packed, SSM_WRITES.byDefault),
  'deployment-higher': () => deployment(SHARDS.packed, SSM_WRITES.higher),
  'deployment-roomy': () => deployment(SHARDS.roomy, SSM_WRITES.byDefault),
  'deployment-roomy-higher': () => deployment(SHARDS.roomy, SSM_WRITES.higher),
  everything: () => everything(SSM_WRITES.byDefault),
  'everything-higher': () => everything(SSM_WRITES.higher),
};

const wanted = process.argv.slice(2);
const results: Measured[] = [];
for (const [name, measure] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const measured of await measure()) {
    results.push(measured);
    const { what, value, budget, kept } = measured;
    console.log(`${kept ? 'ok  ' : 'OVER'}  ${what.padEnd(80)} ${value.padStart(8)}   ${budget}`);
  }
}
process.exitCode = results.every(({ kept }) => kept) ? 0 : 1;
