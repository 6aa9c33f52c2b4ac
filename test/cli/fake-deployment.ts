/** A deployment in an account in memory: what AWS answers to the command line, and what that prints. */

import type { CredentialProvider } from '../../functions/aws/credentials.ts';
import { ENVIRONMENT, shardParameterName } from '../../functions/discovery/names.ts';
import { EMPTY_SHARD, type Shard } from '../../functions/discovery/shard/shard.ts';
import { encodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import type { TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { AccountClients } from '../../infra/cli/account/account-clients.ts';
import { explainError } from '../../infra/cli/account/explain-error.ts';
import { type Exchange, watched } from '../../infra/cli/account/requests.ts';
import { createProgram } from '../../infra/cli/program.ts';
import { virtualClock } from '../factories/clock.ts';
import { type FakeClient, fakeClient, under } from '../factories/senders.ts';
import { HERE, type TaskOptions } from '../factories/tasks.ts';
import { answersOf, type FakeQueue } from './fake-answers.ts';

export interface FakeDeployment {
  /** Answers by operation; a test replaces what it is about. */
  readonly answers: Record<string, (input: never, call: number) => unknown>;
  readonly client: FakeClient;
  /** What ECS knows, by task id. */
  readonly tasks: Map<string, TaskOptions>;
  /** Containers of the task definition that all tasks have. */
  containers: object[];
  /** Values of parameters, newest last. */
  readonly parameters: Map<string, string[]>;
  readonly queues: Map<string, FakeQueue>;
  readonly environment: Record<string, string>;
  /** Of the terminal. @default the output is none */
  columns: number;
  publish(...tasks: readonly TaskTargets[]): void;
  /** Runs a command line and answers what it printed; the error as well. */
  run(...args: readonly string[]): Promise<{ readonly text: string; readonly error: string }>;
  runJson<Answer>(...args: readonly string[]): Promise<Answer>;
}

export const SHARD = shardParameterName('ecs-prometheus-discovery', 'prod', 0);

export function fakeDeployment(): FakeDeployment {
  const clock = virtualClock();
  const fake: FakeDeployment = {
    answers: {},
    client: fakeClient(new Proxy({}, { get: (_, operation) => fake.answers[String(operation)] })),
    tasks: new Map(),
    containers: [
      { name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' }, portMappings: [{ containerPort: 3000 }] },
    ],
    parameters: new Map(),
    queues: new Map(),
    columns: Number.POSITIVE_INFINITY,
    environment: {
      [ENVIRONMENT.deployment]: 'ecs-prometheus-discovery',
      [ENVIRONMENT.clusters]: 'prod',
      [ENVIRONMENT.here]: HERE,
      [ENVIRONMENT.shards]: '1',
      [ENVIRONMENT.shardTier]: 'Standard',
      [ENVIRONMENT.resyncRemovalLimitPercent]: '50',
    },
    publish(...tasks) {
      const versions = fake.parameters.get(SHARD) ?? [];
      const observed = Math.floor(clock.now() / 1000);
      const shard: Shard = {
        ...EMPTY_SHARD,
        tasks: new Map(tasks.map((targets) => [targets.taskId, { targets, observed }])),
      };
      versions.push(encodeShard({ base: versions.length, shard }, 4096) as string);
      fake.parameters.set(SHARD, versions);
    },
    async run(...args) {
      const printed: string[] = [];
      const terminal = {
        columns: fake.columns,
        progress: () => {},
        print: (...lines: readonly string[]) => void printed.push(...lines),
      };
      const connect = (_: unknown, onExchange?: (exchange: Exchange) => void): AccountClients =>
        ({
          ...Object.fromEntries(SERVICES.map(([name, service]) => [name, watched(fake.client, service, onExchange)])),
          inRegion: (_: string, credentials: CredentialProvider) =>
            under(watched(fake.client, 'ecs', onExchange), credentials),
        }) as never;
      const errors: string[] = [];
      const program = createProgram({ connect, terminal, clock }, 'ecs-prometheus-discovery');
      for (const command of [program, ...program.commands]) {
        command
          .exitOverride()
          .configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => errors.push(text) });
      }
      try {
        await program.parseAsync([...args], { from: 'user' });
      } catch (error) {
        const { message, advice } = explainError(error);
        errors.push(message, advice ?? '');
      }
      return { text: printed.join('\n'), error: errors.join('\n').trim() };
    },
    async runJson(...args) {
      const { text, error } = await fake.run(...args, '--json');
      if (error !== '') throw new Error(error);
      return JSON.parse(text);
    },
  };
  fake.publish();
  Object.assign(fake.answers, answersOf(fake));
  return fake;
}

const SERVICES = [
  ['cloudFormation', 'cloudformation'],
  ['cloudWatch', 'cloudwatch'],
  ['ec2', 'ec2'],
  ['ecs', 'ecs'],
  ['lambda', 'lambda'],
  ['logs', 'logs'],
  ['serviceDiscovery', 'servicediscovery'],
  ['sqs', 'sqs'],
  ['ssm', 'ssm'],
  ['sts', 'sts'],
] as const;
