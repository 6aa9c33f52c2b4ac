/** A Cloud Map service with its tags, as far as the tasks of one ECS service are concerned. */
export interface TaggedCloudMapService {
  readonly id: string;
  readonly name: string;
  /** Name of its namespace. */
  readonly namespace: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The port of its containers that ECS registers a task with, where that is known and matters. */
  readonly port?: number;
}

/** What Cloud Map knows about one ECS service. */
export interface CloudMapServices {
  /** The one whose tags say how to scrape the tasks. */
  readonly tagged?: TaggedCloudMapService;
  /** The one that this deployment owns and registers the tasks in. */
  readonly owned?: TaggedCloudMapService;
  /** Others that belong to the ECS service, and whose tags select nothing. */
  readonly others?: readonly TaggedCloudMapService[];
  /** Why there may be more. */
  readonly incomplete?: Error;
}

/** Tags of the reference system on a Cloud Map service. */
export const SCRAPE_TAGS = {
  metricsPort: 'METRICS_PORT',
  metricsPath: 'METRICS_PATH',
  ecsMetricsPort: 'ECS_METRICS_PORT',
  ecsMetricsPath: 'ECS_METRICS_PATH',
} as const;

/** Whether the port to scrape is that of the registration, because no tag names one. */
export const scrapesRegisteredPort = ({ tags }: TaggedCloudMapService): boolean =>
  SCRAPE_TAGS.metricsPath in tags && !tags[SCRAPE_TAGS.metricsPort]?.trim();

export const hasScrapeTags = ({ tags }: TaggedCloudMapService): boolean =>
  SCRAPE_TAGS.metricsPath in tags ||
  (SCRAPE_TAGS.ecsMetricsPath in tags && (tags[SCRAPE_TAGS.ecsMetricsPort] ?? '').trim() !== '');
