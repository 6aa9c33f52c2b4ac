/** A Cloud Map service, as far as the tasks of one ECS service are concerned. */
export interface ServiceRegistry {
  readonly id: string;
  readonly name: string;
  /** Name of its namespace. */
  readonly namespace: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The port of its containers that ECS registers a task with, where that is known and matters. */
  readonly port?: number;
}

/** What Cloud Map knows about one ECS service. */
export interface ServiceRegistries {
  /** The registry whose tags say how to scrape the tasks. */
  readonly tagged?: ServiceRegistry;
  /** The registry that this deployment owns and registers the tasks in. */
  readonly owned?: ServiceRegistry;
  /** Why there may be others. */
  readonly incomplete?: Error;
}

/** Tags of the reference system on a Cloud Map service. */
export const REGISTRY_TAGS = {
  metricsPort: 'METRICS_PORT',
  metricsPath: 'METRICS_PATH',
  ecsMetricsPort: 'ECS_METRICS_PORT',
  ecsMetricsPath: 'ECS_METRICS_PATH',
} as const;

/** Whether the port to scrape is that of the registration, because no tag names one. */
export const scrapesRegisteredPort = ({ tags }: ServiceRegistry): boolean =>
  REGISTRY_TAGS.metricsPath in tags && !(REGISTRY_TAGS.metricsPort in tags);

export const hasScrapeTags = (registry: ServiceRegistry): boolean =>
  REGISTRY_TAGS.metricsPath in registry.tags ||
  (REGISTRY_TAGS.ecsMetricsPath in registry.tags && REGISTRY_TAGS.ecsMetricsPort in registry.tags);
