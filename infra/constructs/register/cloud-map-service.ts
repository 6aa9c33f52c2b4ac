/** Services in Cloud Map whose tags say how tasks are scraped, as in the reference system. */
import { Tags } from 'aws-cdk-lib';
import {
  DiscoveryType,
  DnsRecordType,
  type INamespace,
  NamespaceType,
  Service,
} from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { OWNER_TAG } from '../../../functions/discovery/names.ts';
import { SCRAPE_TAGS } from '../../../functions/discovery/selection/cloud-map-service.ts';
import { misshapen, refuse, type Shapes } from '../../props/problems.ts';
import { CLOUD_MAP_NAME, METRICS_PATH, PORT } from '../../props/shapes.ts';
import type { EcsPrometheusDiscovery } from '../ecs-prometheus-discovery.ts';

/** What is scraped of each task, in the words of the tags. */
export interface ScrapeTags {
  /** Path of the application's metrics. */
  readonly metricsPath?: string;
  /** Port of the application's metrics. */
  readonly metricsPort?: number;
  /** Path of the ECS exporter's metrics. */
  readonly ecsMetricsPath?: string;
  /** Port of the ECS exporter's metrics. */
  readonly ecsMetricsPort?: number;
}

const SCRAPE: Shapes<ScrapeTags> = {
  metricsPath: METRICS_PATH,
  metricsPort: PORT,
  ecsMetricsPath: METRICS_PATH,
  ecsMetricsPort: PORT,
};

export interface ServiceRegistryProps {
  readonly namespace: INamespace;
  /** Name of the service in Cloud Map. */
  readonly serviceName: string;
  /** What the tags of the service say about how its tasks are scraped. */
  readonly scrape: ScrapeTags;
}

function tag(service: Service, { serviceName, scrape }: ServiceRegistryProps): void {
  refuse(service, [...misshapen({ serviceName }, { serviceName: CLOUD_MAP_NAME }), ...misshapen(scrape, SCRAPE)]);
  for (const [key, name] of Object.entries(SCRAPE_TAGS)) {
    const value = scrape[key as keyof ScrapeTags];
    if (value !== undefined) Tags.of(service).add(name, String(value));
  }
}

/** ECS registers the tasks here by itself, for service discovery by DNS: `cloudMapOptions`, `associateCloudMapService`. */
export class EcsManagedRegistry extends Service {
  constructor(scope: Construct, id: string, props: ServiceRegistryProps) {
    const { namespace, serviceName } = props;
    const byDns = namespace.type !== NamespaceType.HTTP;
    super(scope, id, {
      namespace,
      name: serviceName,
      // With a health check of its own, an instance is in DNS only while ECS says that its task is healthy.
      ...(byDns && { dnsRecordType: DnsRecordType.A, customHealthCheck: { failureThreshold: 1 } }),
    });
    tag(this, props);
  }
}

export interface OwnedRegistryProps extends ServiceRegistryProps {
  /** Who registers the tasks here. It has to use the namespace. */
  readonly discovery: EcsPrometheusDiscovery;
}

/**
 * The discovery registers the tasks here: those of the ECS service with the same name. Make the ECS service depend on it,
 * so that its tasks have stopped when it goes; what is still registered then is taken out, for Cloud Map does not delete
 * a service with instances.
 */
export class OwnedRegistry extends Construct {
  readonly service: Service;

  constructor(scope: Construct, id: string, props: OwnedRegistryProps) {
    super(scope, id);
    const { namespace, serviceName, discovery } = props;
    const byDns = namespace.type !== NamespaceType.HTTP;
    this.service = new Service(this, 'Resource', {
      namespace,
      name: serviceName,
      // Asked for over the API alone: records in DNS would need permissions on Route 53.
      ...(byDns && { discoveryType: DiscoveryType.API }),
    });
    tag(this.service, props);
    Tags.of(this.service).add(OWNER_TAG, discovery.deployment);
    discovery.emptyOnDelete(this, 'Emptied', this.service);
  }
}
