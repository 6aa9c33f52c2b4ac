/** The shipped stages, each in an execution environment of the simulated Lambda: only the SDK's clients are not theirs. */
// Loaded before a history begins: virtual time would run ahead of a module that is still being read.
import '@aws-sdk/client-ec2';
import '@aws-sdk/client-lambda';
import '@aws-sdk/client-servicediscovery';
import '@aws-sdk/client-sqs';
import '@aws-sdk/client-sts';
import { type Clients, type EcsClients, PATIENCE, type Patience } from '../../../functions/aws/clients.ts';
import type { CredentialProvider } from '../../../functions/aws/credentials.ts';
import { createDeployedShards } from '../../../functions/aws/deployed-shards.ts';
import { createReinvoke } from '../../../functions/aws/reinvoke.ts';
import { createMessageQueue, type MessageQueue, messageOf, type QueuedMessage } from '../../../functions/aws/sqs.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import { lookUps, observing, onQueue, resyncing, storing } from '../../../functions/lambda/dependencies.ts';
import type { Report } from '../../../functions/lambda/report.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { createAnnounced } from '../../../functions/observe/announced.ts';
import { observeBatch } from '../../../functions/observe/observe-batch.ts';
import { registerBatch } from '../../../functions/register/register-batch.ts';
import { resync } from '../../../functions/resync/resync.ts';
import { parseResyncRequest } from '../../../functions/resync/resync-summary.ts';
import { storeBatch } from '../../../functions/store/store-batch.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../../infra/local/loopback.ts';
import type { SimulatedService } from '../aws/simulated-service.ts';
import type { Received } from '../aws/sqs-queue.ts';
import { SimulatedClient } from '../client.ts';
import { DEPLOYMENT, EXTERNAL_ID, NAMESPACES_PARAMETER, SCRAPE_RULES } from '../fleet.ts';
import type { BatchResult } from '../lambda/event-source.ts';
import type { Environment } from '../lambda/lambda-function.ts';
import { Program } from '../program.ts';
import type { World } from '../world.ts';

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:targets-changed';
export const DEAD_LETTERS = 'https://sqs/dead-letters';

/** Milliseconds by which the clock of a Lambda may be wrong. */
const LAMBDA_SKEW = 500;
/** As functions/lambda/queue-handler.ts and functions/resync/handler.ts reserve them, in milliseconds. */
const RESERVE = 5000;
const RESYNC_RESERVE = 60_000;

/** An environment with what one stage needs of AWS. */
export interface StageEnvironment extends Environment {
  readonly clock: Clock;
  readonly handle: (queueUrl: string, messages: readonly QueuedMessage[], deadline: number) => Promise<BatchResult>;
}

const settingsOf = (world: World, shards: number): DiscoverySettings => ({
  deployment: DEPLOYMENT,
  clusters: world.settings.clusters,
  here: `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}`,
  externalId: EXTERNAL_ID,
  shards,
  shardTier: 'Advanced',
  namespacesParameter: NAMESPACES_PARAMETER,
  scrapeRules: SCRAPE_RULES,
  resyncRemovalLimitPercent: 50,
});

interface Parts {
  readonly program: Program;
  readonly clock: Clock;
  readonly parts: {
    readonly clients: Clients;
    readonly settings: DiscoverySettings;
    readonly report: Report;
    readonly topicArn: string;
    readonly clock: Clock;
  };
  readonly queueOf: (queueUrl: string) => MessageQueue;
  readonly calls: () => number;
}

function makeParts(name: string, world: World, shards: number, patience: Patience): Parts {
  const { surface, ecs, ec2, ssm, sns, sqs, cloudMap } = world;
  const program = new Program(name, surface);
  let calls = 0;
  const client = (service: SimulatedService, its: Patience = patience): SimulatedClient =>
    new SimulatedClient(program, service, its, () => calls++);
  const clock = program.clock(surface.random.int(-LAMBDA_SKEW, LAMBDA_SKEW));
  const queue = client(sqs, PATIENCE.queue);
  const [ec2Client, cloudMapClient, stsClient] = [client(ec2), client(cloudMap), client(world.sts)];
  return {
    program,
    clock,
    parts: {
      clients: {
        ecs: client(ecs),
        ssm: client(ssm),
        sns: client(sns),
        ec2: async () => ec2Client,
        sts: async () => stsClient,
        inRegion: (region, credentials) => clientsIn(world, client, region, credentials),
        serviceDiscovery: async () => cloudMapClient,
      },
      settings: settingsOf(world, shards),
      report: reportTo(world, name),
      topicArn: TOPIC,
      clock,
    },
    queueOf: (queueUrl) => createMessageQueue(async () => queue, { queueUrl, deadLetterQueueUrl: DEAD_LETTERS }),
    calls: () => calls,
  };
}

/** Clients for another Region, which know the account by the role that they have credentials of, as AWS does. */
function clientsIn(
  world: World,
  client: (service: SimulatedService) => SimulatedClient,
  region: string,
  credentials: CredentialProvider,
): EcsClients {
  const made = new Map<SimulatedService, SimulatedClient>();
  const senderOf = (kind: 'ecs' | 'ec2') => ({
    async send(...request: Parameters<SimulatedClient['send']>) {
      const [, account = ''] = /::(\d+):/.exec((await credentials()).sessionToken) ?? [];
      const service = world.elsewhere.get(`arn:aws:ecs:${region}:${account}`)?.[kind];
      if (!service) throw new Error(`there is nothing in ${region}, account ${account}`);
      const known = made.get(service) ?? client(service);
      made.set(service, known);
      return known.send(...request);
    },
  });
  const ec2 = senderOf('ec2');
  return { ecs: senderOf('ecs'), ec2: async () => ec2 };
}

/** What the shipped code says to its operator, in the history. */
function reportTo(world: World, who: string): Report {
  return {
    info: () => {},
    warn(what, fields) {
      const error = fields['error'] ?? fields['problem'];
      const text = error === undefined ? what : `${what}: ${error}`;
      world.note(who, text, fields['taskId'] as string | undefined);
    },
    count: () => {},
  };
}

type Make = (name: string, world: World, shards: number) => StageEnvironment;

export const observeStage: Make = (name, world, shards) => {
  const { program, clock, parts, queueOf } = makeParts(name, world, shards, PATIENCE.observe);
  const deps = { ...observing(parts), announced: createAnnounced() };
  return { program, clock, handle: (url, messages) => observeBatch(onQueue(deps, queueOf(url)), messages) };
};

export const storeStage: Make = (name, world, shards) => {
  const { program, clock, parts, queueOf } = makeParts(name, world, shards, PATIENCE.store);
  const deps = storing(parts);
  return {
    program,
    clock,
    handle: (url, messages, deadline) => storeBatch(onQueue(deps, queueOf(url)), messages, deadline),
  };
};

export const registerStage: Make = (name, world, shards) => {
  const { program, clock, parts, queueOf } = makeParts(name, world, shards, PATIENCE.register);
  const deps = lookUps(parts);
  return {
    program,
    clock,
    handle: (url, messages, deadline) => registerBatch(onQueue(deps, queueOf(url)), messages, deadline),
  };
};

/** The handler of a stage that reads queues, as functions/lambda/queue-handler.ts. */
export const handleBatch = (
  { clock, handle }: StageEnvironment,
  queueUrl: string,
  timeout: number,
  batch: readonly Received[],
): Promise<BatchResult> => handle(queueUrl, batch.map(toMessage), clock.now() + timeout - RESERVE);

const toMessage = ({
  messageId,
  receiptHandle,
  body,
  sentAt,
  firstReceivedAt,
  receiveCount,
}: Received): QueuedMessage =>
  messageOf(
    { messageId, receiptHandle, body },
    {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt),
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    },
  );

export interface ResyncEnvironment extends Environment {
  readonly run: (payload: unknown, timeout: number) => Promise<void>;
}

/** As functions/resync/handler.ts. */
export function resyncStage(name: string, world: World, shards: number, functionName: string): ResyncEnvironment {
  const { program, clock, parts, calls } = makeParts(name, world, shards, PATIENCE.resync);
  const deps = resyncing(parts);
  const lambda = new SimulatedClient(program, world.lambda, PATIENCE.resync);
  const reinvoke = createReinvoke(async () => lambda);
  const deployedShards = () => createDeployedShards(async () => lambda)(functionName);
  return {
    program,
    async run(payload, timeout) {
      const request = parseResyncRequest(payload, world.settings.clusters);
      const deadline = clock.now() + timeout - RESYNC_RESERVE;
      const { summary, resume } = await resync({ ...deps, deployedShards }, request, deadline, calls);
      if (resume) await reinvoke(functionName, resume);
      const problems = summary.clusters.flatMap((cluster) => cluster.problems);
      const what = `ended: ${problems.length === 0 ? 'no problems' : problems.join('; ')}`;
      world.note(name, what);
    },
  };
}
