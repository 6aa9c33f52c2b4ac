/** Puts the parts of each stage together: AWS clients, adapters, look-ups. */
import type { Clients } from '../aws/clients.ts';
import { createCloudMap } from '../aws/cloud-map.ts';
import { createParameterReader, createParameters } from '../aws/parameters.ts';
import { createClientsAt, createReach } from '../aws/reach.ts';
import { createShardStore } from '../aws/shard-store.ts';
import { createAnnouncer } from '../aws/sns.ts';
import type { MessageQueue } from '../aws/sqs.ts';
import { systemClock } from '../aws/system-clock.ts';
import type { Clock } from '../discovery/clock.ts';
import { wantsTags } from '../discovery/target/task-labels.ts';
import { createCloudMapLookup } from '../look-up/cloud-map-lookup.ts';
import { rememberDefinitions } from '../look-up/remembered-definitions.ts';
import { createScrapingLookup } from '../look-up/scraping.ts';
import { createTaskDefinitions, type TaskDefinitions } from '../look-up/task-definitions.ts';
import type { Report } from './report.ts';
import type { DiscoverySettings } from './settings.ts';

/** What all stages are made from. */
interface StageParts {
  readonly clients: Clients;
  readonly settings: DiscoverySettings;
  readonly report: Report;
  readonly topicArn: string;
  /** Default: the time of the system. */
  readonly clock?: Clock;
}

/** What is needed to look at tasks, and to announce nothing. */
export type LookUpParts = Omit<StageParts, 'topicArn' | 'clients'> & { readonly clients: Omit<Clients, 'sns'> };

/** Everything that looks at tasks; what it remembers lasts from one invocation to the next. */
export function lookUps(
  { clients, settings, report, clock = systemClock }: LookUpParts,
  clientsAt = createClientsAt(clients, settings, clock),
  kept?: TaskDefinitions,
) {
  const { ecs, ec2Of } = createReach(clientsAt, settings.here, { tags: wantsTags(settings.labels) });
  const definitions = kept ?? createTaskDefinitions(ecs, clock);
  const cloudMap = createCloudMap(clients.serviceDiscovery);
  const parameters = createParameterReader(clients.ssm);
  const cloudMapLookup = createCloudMapLookup({ parameters, cloudMap, ecs, clock, report }, settings);
  const scraping = createScrapingLookup({ ecs, ec2Of, cloudMapLookup, definitions, clock }, settings);
  return { ecs, cloudMap, cloudMapLookup, scraping, clock, report, settings };
}

/** What writes shards, and announces. */
export function storing(
  { clients, settings, topicArn, report, clock = systemClock }: StageParts,
  clientsAt = createClientsAt(clients, settings, clock),
) {
  return {
    ecs: createReach(clientsAt, settings.here).ecs,
    shards: createShardStore(createParameters(clients.ssm, settings.shardTier), settings, clock),
    announcer: createAnnouncer(clients.sns, topicArn),
    clock,
    report,
    settings,
  };
}

/** What observes tasks, and announces. */
export const observing = (parts: StageParts) => ({
  ...lookUps(parts),
  announcer: createAnnouncer(parts.clients.sns, parts.topicArn),
});

/** What a resync needs of both. */
export function resyncing(parts: StageParts) {
  const { clients, settings, report, clock = systemClock } = parts;
  const clientsAt = createClientsAt(clients, settings, clock);
  const asked = createTaskDefinitions(createReach(clientsAt, settings.here).ecs, clock);
  const parameters = createParameters(clients.ssm, settings.shardTier);
  const definitions = rememberDefinitions(asked, parameters, report, settings);
  return { ...storing(parts, clientsAt), ...lookUps(parts, clientsAt, definitions), definitions };
}

/** The parts of a stage with the queue that a batch comes from. */
export const onQueue = <Deps extends object>(deps: Deps, queue: MessageQueue): Deps & { queue: MessageQueue } => ({
  ...deps,
  queue,
});
