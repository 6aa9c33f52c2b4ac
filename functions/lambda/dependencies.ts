/** Puts the parts together: AWS clients, adapters, look-ups. */
import type { Clients } from '../aws/clients.ts';
import { createCloudMap } from '../aws/cloud-map.ts';
import { createEc2 } from '../aws/ec2.ts';
import { createEcs } from '../aws/ecs.ts';
import { createParameters } from '../aws/parameters.ts';
import { createShardStore } from '../aws/shard-store.ts';
import { systemClock } from '../aws/system-clock.ts';
import { createTargetEvents } from '../aws/target-events.ts';
import type { Clock } from '../discovery/clock.ts';
import { wantsTags } from '../discovery/target/task-labels.ts';
import { createRegistryLookup } from '../look-up/cloud-map-services.ts';
import { createScrapingLookup } from '../look-up/scraping.ts';
import type { ResyncDeps } from '../resync/resync-cluster.ts';
import type { Report } from './report.ts';
import type { DiscoverySettings } from './settings.ts';

/** Everything that either Lambda needs; the same look-ups, remembered between invocations. */
export function createDependencies(
  clients: Clients,
  settings: DiscoverySettings,
  report: Report,
  clock: Clock = systemClock,
): ResyncDeps {
  const parameters = createParameters({ read: clients.ssmRead, write: clients.ssmWrite }, settings.shardTier);
  const cloudMap = createCloudMap(clients.serviceDiscovery, clock);
  const ecs = createEcs(clients.ecs, { tags: wantsTags(settings.labels) });
  const registries = createRegistryLookup({ parameters, cloudMap, ecs, clock, report }, settings);
  return {
    settings,
    clock,
    report,
    ecs,
    cloudMap,
    registries,
    shards: createShardStore(parameters, settings, clock),
    events: createTargetEvents(clients.events),
    scraping: createScrapingLookup({ ecs, ec2: createEc2(clients.ec2), registries, clock }, settings),
  };
}
