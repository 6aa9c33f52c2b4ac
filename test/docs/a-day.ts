/** A day of a fleet, as the shipped code sees it on an account in memory: what requests does it make? */
import { type Account, createAccount } from '../factories/account.ts';
import { DAY, resyncOnce } from '../factories/resyncs.ts';
import { deliver, event, observe } from '../factories/stages.ts';
import { idOf, type TaskOptions } from '../factories/tasks.ts';

export interface Day {
  readonly services: number;
  readonly tasks: number;
  /** Tasks that start or stop, spread over the day; a start and a stop take turns. */
  readonly changes: number;
  readonly shards: number;
  readonly resyncs: number;
}

export interface Requests {
  readonly ecs: number;
  readonly cloudMap: number;
  readonly ssm: number;
}

/** ECS tells twice of a start that matters and four times of a stop (shared facts: container changes, versions 3 to 6). */
const EVENTS_OF_A_START = 2;
const EVENTS_OF_A_STOP = 4;

/** Milliseconds without work after which functions are taken to have ended, with all that they remembered. */
const IDLE = 10 * 60_000;

/** Tasks selected by tags of Cloud Map services that ECS itself registers them in, as in the reference system. */
export async function requestsOfADay({ services, tasks, changes, shards, resyncs }: Day): Promise<Requests> {
  const account = createAccount({ shards, shardTier: 'Advanced' });
  const { clock } = account;
  const serviceOf = (number: number): string => `service-${number % services}`;
  for (let index = 0; index < services; index++) {
    account.addService(`${serviceOf(index)}-registry`, { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    account.managed.set(serviceOf(index), [`${serviceOf(index)}-registry`]);
    account.definitions.set(serviceOf(index), { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
  }
  const running = (number: number): TaskOptions => ({
    number,
    service: serviceOf(number),
    family: serviceOf(number),
    address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  });
  account.run(...Array.from({ length: tasks }, (_, index) => running(index + 1)));
  await look(account);
  clock.advance(DAY / resyncs);
  account.asked();

  const tell = async (options: TaskOptions): Promise<void> => {
    account.tasks.set(idOf(options.number ?? 1), options);
    await observe(account, event(options, { time: clock.now() }));
    await deliver(account);
  };
  const end = clock.now() + DAY;
  const pause = DAY / changes;
  let nextResync = clock.now() + DAY / resyncs;
  for (let change = 0; change < changes; change++) {
    if (pause > IDLE) account.restart();
    const next = clock.now() + pause;
    const oldest = (change >> 1) + 1;
    const isStart = change % 2 === 0;
    for (let told = 0; told < (isStart ? EVENTS_OF_A_START : EVENTS_OF_A_STOP); told++) {
      if (isStart) await tell({ ...running(tasks + oldest), version: 3 + told });
      else
        await tell({ ...running(oldest), desiredStatus: 'STOPPED', version: 4 + told, stoppingAt: stamp(clock.now()) });
      clock.advance(5000);
    }
    clock.advance(Math.max(0, next - clock.now()));
    if (clock.now() >= nextResync) {
      await look(account);
      nextResync += DAY / resyncs;
    }
  }
  while (nextResync <= end) {
    await look(account);
    nextResync += DAY / resyncs;
  }
  return sum(account.asked());
}

/** Between two resyncs lie hours: nothing is remembered. */
async function look(account: Account): Promise<void> {
  account.restart();
  await resyncOnce(account);
}

const stamp = (milliseconds: number): string => new Date(milliseconds).toISOString();

function sum(operations: readonly string[]): Requests {
  const of = (...names: string[]): number => operations.filter((operation) => names.includes(operation)).length;
  return {
    ecs: of('DescribeTasks', 'ListTasks', 'DescribeTaskDefinition', 'DescribeServices'),
    cloudMap: of('ListNamespaces', 'ListServices', 'ListTagsForResource', 'ListInstances', 'GetInstance'),
    ssm: of('GetParameters', 'GetParameter', 'PutParameter'),
  };
}
