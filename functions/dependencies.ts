/** Puts the parts together: AWS clients, adapters, look-ups. */
import type { Clients } from './aws/clients.ts';
import { createCloudMap } from './aws/cloud-map.ts';
import { createEc2 } from './aws/ec2.ts';
import { createEcs } from './aws/ecs.ts';
import { createParameters } from './aws/parameters.ts';
import { createShardStore } from './aws/shard-store.ts';
import { systemClock } from './aws/system-clock.ts';
import { createTargetEvents } from './aws/target-events.ts';
import type { Clock } from './discovery/clock.ts';
import type { Report } from './reconcile/report.ts';
import type { ResyncDeps } from './reconcile/resync-cluster.ts';
import { createScrapingLookup } from './reconcile/scraping.ts';
import { createRegistryLookup } from './reconcile/service-registries.ts';
import type { DiscoverySettings } from './reconcile/settings.ts';

/** Everything that either Lambda needs; the same look-ups, remembered between invocations. */
export function createDependencies(
  clients: Clients,
  settings: DiscoverySettings,
  report: Report,
  clock: Clock = systemClock,
): ResyncDeps {
  const parameters = createParameters({ read: clients.ssmRead, write: clients.ssmWrite }, settings.shardTier);
  const cloudMap = createCloudMap(clients.serviceDiscovery, clock);
  const ecs = createEcs(clients.ecs);
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
