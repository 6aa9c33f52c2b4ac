/** The cases of the budgets: each a history, and what was measured of it. */
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { ServiceName } from '../aws/simulated-service.ts';
import { WORKLOADS, type Workload } from '../fleet.ts';
import type { Outage } from '../outages.ts';
import type { Wire } from '../pipeline.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { delays, troubles } from './delays.ts';
import { atMost, type Measured, quantile } from './measured.ts';

/** The service scheduler starts up to 500 Fargate tasks of a service in a minute (ECS developer guide, service quotas). */
export const LAUNCHES_PER_MINUTE = 500;
/** 80 ms in nine of ten cases (AWS Architecture Blog, "Mastering millisecond latency … Amazon Key", February 2026). */
const EVENT_DELIVERY = { least: 30, most: 120 };
/** SNS to Lambda 73 ms in the middle, 225 ms in 99 of 100 cases (third-party measurements, 2022–23). */
const TOPIC_DELIVERY = { least: 20, most: 150 };
const OUTAGE = 40 * 60 * 1000;

const named = (...names: readonly string[]): Workload[] => WORKLOADS.filter(({ name }) => names.includes(name));
/** Of every kind that may have more than 1,000 tasks: Cloud Map holds no more in one service. */
const LARGE = named('labelled', 'bridge', 'ruled', 'tagged');
const SCRAPED = WORKLOADS.filter(({ name }) => name !== 'silent');

const start = (wire: Wire, seed: number, shards: number, ssmWrites = 3): Simulation =>
  new Simulation(
    { ...DEFAULTS, seed, shards, ssmWrites, eventDelivery: EVENT_DELIVERY, topicDelivery: TOPIC_DELIVERY },
    wire,
  );

const launch = (simulation: Simulation, workloads: readonly Workload[], index: number): Task =>
  simulation.tasks.launch(workloads[index % workloads.length] as Workload, 'prod');

/** A change every half minute. */
export async function calm(wire: Wire, seed: number): Promise<Measured[]> {
  const simulation = start(wire, seed, 4);
  const tasks: Task[] = [];
  for (let change = 0; change < 500; change++) {
    const oldest = tasks.length >= 50 ? tasks.shift() : undefined;
    if (oldest) simulation.tasks.stop(oldest);
    else tasks.push(launch(simulation, SCRAPED, change));
    await simulation.run(30_000);
  }
  await simulation.calmDown();
  const measured = delays(simulation);
  const all = [...measured.coming, ...measured.going];
  return [
    atMost(`calm, ${all.length} changes: event to file, median`, quantile(all, 0.5), 600),
    atMost('calm: event to file, 99 %', quantile(all, 0.99), 1500),
    ...troubles(simulation, measured, 'calm'),
  ];
}

export interface Replacement {
  readonly tasks: number;
  readonly shards: number;
  readonly launchesPerMinute: number;
  readonly ssmWrites?: number;
}

/** Replaces all tasks: new ones start at the given rate, and each makes an old one stop. */
export async function replace(wire: Wire, seed: number, options: Replacement): Promise<Measured[]> {
  const { tasks, shards, launchesPerMinute, ssmWrites = 3 } = options;
  const simulation = start(wire, seed, shards, ssmWrites);
  const old: Task[] = [];
  for (let task = 0; task < tasks; task++) {
    old.push(launch(simulation, LARGE, task));
    if (task % 10 === 9) await simulation.run(600_000 / LAUNCHES_PER_MINUTE);
  }
  await simulation.rest();
  const since = simulation.world.now;
  let lastWrite = 0;
  const { onWrite } = simulation.world.ssm;
  simulation.world.ssm.onWrite = (...version) => {
    lastWrite = simulation.world.now;
    onWrite(...version);
  };
  for (const [index, task] of old.entries()) {
    launch(simulation, LARGE, index);
    simulation.world.scheduler.after(20_000, () => simulation.tasks.stop(task));
    if (index % 10 === 9) await simulation.run(600_000 / launchesPerMinute);
  }
  await simulation.calmDown();
  const of = `${tasks} tasks replaced, ${shards} shards, SSM ${ssmWrites}/s`;
  const measured = delays(simulation, since);
  const all = [...measured.coming, ...measured.going];
  const isAtOnce = launchesPerMinute > LAUNCHES_PER_MINUTE;
  const lastChange = Math.max(
    ...simulation.world.ecs.tasks.values().map((task) => task.stoppingAt ?? task.startedAt ?? 0),
  );
  return [
    ...(isAtOnce
      ? [
          atMost(`${of}: last event to last file`, measured.tail, 10_000),
          atMost(`${of}: last event to last SSM write`, lastWrite - lastChange, 90_000),
        ]
      : [
          atMost(`${of}: event to file, 99 %`, quantile(all, 0.99), 2000),
          atMost(`${of}: event to file, slowest`, quantile(all, 1), 3000),
        ]),
    bytesPerTarget(simulation, of),
    ...troubles(simulation, measured, of),
  ];
}

function bytesPerTarget(simulation: Simulation, of: string): Measured {
  const numbers = Array.from({ length: simulation.shards }, (_, shard) => shard);
  const texts = numbers.map((shard) => {
    const name = simulation.pipeline.parameterName('prod', shard);
    return simulation.world.ssm.current(name)?.value ?? '';
  });
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const shown = simulation.judge.parameters.get('prod')?.place.shown.values() ?? [];
  const targets = [...shown].reduce((sum, text) => sum + text.split('\n').length, 0);
  const each = bytes / targets;
  return { what: `${of}: SSM bytes a target`, value: each.toFixed(1), budget: '≤ 48', kept: each <= 48 };
}

/** One service is ill for 40 minutes, while tasks come and go. */
export async function outage(wire: Wire, seed: number, service: ServiceName, how: Outage): Promise<Measured[]> {
  const simulation = start(wire, seed, 4);
  const tasks = Array.from({ length: 30 }, (_, index) => launch(simulation, SCRAPED, index));
  await simulation.rest();
  simulation.world.outages.begin(service, how);
  const since = simulation.world.now;
  for (const [index, task] of tasks.entries()) {
    await simulation.run(OUTAGE / tasks.length);
    simulation.tasks.stop(task);
    launch(simulation, SCRAPED, index);
  }
  simulation.world.outages.end(service);
  await simulation.calmDown();
  simulation.judge.converged();
  const of = `${service} ${how} for 40 minutes`;
  const measured = delays(simulation, since);
  return [
    atMost(`${of}: stop to file, slowest`, quantile(measured.going, 1), 3000),
    ...troubles(simulation, measured, of),
  ];
}
