/** An AWS account in memory, and everything of ours that works on it; only the SDK clients are not the shipped ones. */
// Loaded here, because loading them takes real time, in which the clock of the tests would go on.
import { createDeployedShards } from '../../functions/aws/deployed-shards.ts';
import '@aws-sdk/client-ec2';
import '@aws-sdk/client-servicediscovery';
import '@aws-sdk/client-sqs';
import type { CredentialProvider } from '../../functions/aws/credentials.ts';
import { type Announcement, decodeAnnouncement } from '../../functions/discovery/change/announcement.ts';
import { shardParameterName } from '../../functions/discovery/names.ts';
import type { Removal, Shard } from '../../functions/discovery/shard/shard.ts';
import { decodeShard, EMPTY_SHARD_DOCUMENT, encodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import type { TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { lookUps, observing, resyncing, storing } from '../../functions/lambda/dependencies.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import { createAnnounced } from '../../functions/observe/announced.ts';
import { ANSWERS, type Answer, type Input } from './aws-answers.ts';
import type { AwsState, CloudMapService } from './aws-state.ts';
import { fakeParameters } from './parameters.ts';
import { type FakeClient, fakeClient, under } from './senders.ts';
import { stageClock } from './stage-clock.ts';
import { HERE, idOf, type TaskOptions } from './tasks.ts';

export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The functions of the account, each with what it remembers. */
type Stages = ReturnType<typeof createStages>;

export interface Account extends AwsState {
  readonly client: FakeClient;
  readonly settings: DiscoverySettings;
  stages: Stages;
  /** What resync works with. */
  readonly deps: Stages['resync'];
  /** Looks at each request before it is answered; may throw, take its time, or change the account. */
  before: ((operation: string, input: Record<string, unknown>) => unknown) | undefined;
  /** Changes an answer before it is given: what AWS leaves out, or has wrong. */
  answer: ((operation: string, answer: Answer) => Answer) | undefined;
  readonly log: LogLine[];
  readonly counts: {
    readonly metric: string;
    readonly value: number;
    readonly cluster?: string;
    readonly reason?: string;
  }[];
  run(...tasks: TaskOptions[]): void;
  /** Adds a Cloud Map service in the namespace `ecs-services`. */
  addService(name: string, tags?: Record<string, string>): CloudMapService;
  /** The functions start again, and remember nothing. */
  restart(): void;
  announced(): Announcement[];
  /** The document in the newest version of a shard, whether it counts or not. */
  shard(number?: number, cluster?: string): Shard;
  /** Writes a shard as an earlier run would have. */
  publish(tasks: readonly TaskTargets[], more?: Published): void;
  /** Numbers of the tasks in all shards of a cluster, sorted. */
  published(cluster?: string): number[];
  /** Names of the requests since the last call of this function. */
  asked(): string[];
  /** The metrics that were counted, added up. */
  counted(metric: string): number;
}

interface Published {
  readonly shard?: number;
  readonly cluster?: string;
  /** In seconds since 1970; default: ten minutes ago. */
  readonly observed?: number;
  readonly removed?: Readonly<Record<string, Removal>>;
}

export const OWNED = { 'ecs-prometheus-discovery:owner': 'discovery' };

export const NAMESPACES_PARAMETER = 'ECS-ServiceDiscovery-Namespaces';

/** The docker labels that select a task on port 3000. */
export const SELECTING = { ECS_PROMETHEUS_EXPORTER_PORT: '3000' };

/** When the clock of an account starts, in milliseconds since 1970. */
export const START = Date.parse('2026-11-25T04:00:10Z');

export function createAccount(changes: Partial<DiscoverySettings> = {}): Account {
  const settings: DiscoverySettings = {
    deployment: 'discovery',
    clusters: ['prod'],
    here: HERE,
    shards: 1,
    shardTier: 'Standard',
    namespacesParameter: NAMESPACES_PARAMETER,
    scrapeRules: [],
    resyncRemovalLimitPercent: 50,
    ...changes,
  };
  const clock = stageClock(START);
  const parameters = fakeParameters();
  const client = fakeClient(
    new Proxy({}, { get: (_, operation) => (input: Input) => respond(String(operation), input) }),
  );
  const nameOf = (number: number, cluster: string): string => shardParameterName('discovery', cluster, number);
  let asked = 0;
  const log: Account['log'] = [];
  const counts: Account['counts'] = [];
  const start = () => createStages({ client, clock, settings, log, counts });

  const account: Account = {
    clock,
    client,
    settings,
    stages: start(),
    get deps() {
      return account.stages.resync;
    },
    queue: { waiting: [], deleted: [], shownAfter: new Map(), deadLetters: [] },
    parameters,
    tasks: new Map(),
    definitions: new Map([
      ['shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }] }],
      ['plain', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] }],
    ]),
    hosts: new Map(),
    namespaces: new Set(['ecs-services']),
    services: new Map(),
    managed: new Map(),
    before: undefined,
    answer: undefined,
    deployedShards: settings.shards,
    refuses: () => false,
    messages: [],
    log,
    counts,
    run: (...tasks) => {
      for (const task of tasks) account.tasks.set(idOf(task.number ?? 1), task);
    },
    addService(name, tags = {}) {
      const service = { namespace: 'ecs-services', tags, instances: new Map() };
      account.services.set(name, service);
      return service;
    },
    restart() {
      account.stages = start();
    },
    announced: () => account.messages.map(({ body }) => decodeAnnouncement(body)),
    shard: (number = 0, cluster = 'prod') => decodeShard(parameters.current(nameOf(number, cluster)) ?? '').shard,
    publish(tasks, { shard = 0, cluster = 'prod', observed = START / 1000 - 600, removed = {} } = {}) {
      const name = nameOf(shard, cluster);
      const content: Shard = {
        tasks: new Map(tasks.map((targets) => [targets.taskId, { targets, observed }])),
        removed: new Map(Object.entries(removed) as [TaskId, Removal][]),
      };
      parameters.write(name, encodeShard({ base: parameters.version(name), shard: content }, 8192) as string);
    },
    published: (cluster = 'prod') =>
      Array.from({ length: settings.shards }, (_, number) => [...account.shard(number, cluster).tasks.keys()])
        .flat()
        .map((id) => Number.parseInt(id, 16))
        .sort((a, b) => a - b),
    asked() {
      const since = client.sent.slice(asked).map(({ operation }) => operation);
      asked = client.sent.length;
      return since;
    },
    counted: (metric) => counts.filter((it) => it.metric === metric).reduce((total, { value }) => total + value, 0),
  };

  parameters.write(NAMESPACES_PARAMETER, 'ecs-services');
  for (const cluster of settings.clusters)
    for (let number = 0; number < settings.shards; number++)
      parameters.write(nameOf(number, cluster), EMPTY_SHARD_DOCUMENT);

  async function respond(operation: string, input: Input): Promise<Answer> {
    await account.before?.(operation, input as never);
    const answerTo = ANSWERS[operation];
    if (!answerTo) throw new Error(`the account does not answer ${operation}`);
    const answer = await answerTo(account, input);
    return account.answer?.(operation, answer) ?? answer;
  }
  return account;
}

function createStages({
  client,
  clock,
  settings,
  log,
  counts,
}: Pick<Account, 'client' | 'clock' | 'settings' | 'log' | 'counts'>) {
  const parts = {
    clients: {
      ecs: client,
      ec2: async () => client,
      ssm: client,
      serviceDiscovery: async () => client,
      sns: client,
      sts: async () => client,
      inRegion: (_: string, credentials: CredentialProvider) => under(client, credentials),
    },
    settings,
    topicArn: 'arn:aws:sns:eu-west-1:111122223333:targets-changed',
    clock,
    report: {
      info: (message: string, fields: object) => log.push({ level: 'info', message, ...fields }),
      warn: (message: string, fields: object) => log.push({ level: 'warn', message, ...fields }),
      count: (metric: string, value: number, dimensions: object) => counts.push({ metric, value, ...dimensions }),
    },
  };
  return {
    observe: { ...observing(parts), announced: createAnnounced() },
    store: storing(parts),
    register: lookUps(parts),
    resync: { ...resyncing(parts), deployedShards: () => createDeployedShards(async () => client)('resync') },
  };
}
