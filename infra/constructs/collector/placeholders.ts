/** What a pipeline of the user leaves to this project: `${discovery:…}` is no scheme that the collector knows. */

/** What stands in the place of each placeholder. `scrape_configs` is a list in JSON, which YAML takes as it is. */
export interface PlaceholderValues {
  readonly target_files: string;
  readonly scrape_configs: string;
  readonly scrape_interval: string;
  readonly region: string;
  readonly remote_write_endpoint: string;
  readonly collector_name: string;
  readonly target_sync_port: string;
  readonly self_metrics_port: string;
  readonly health_check_port: string;
}

const PLACEHOLDERS: Readonly<Record<keyof PlaceholderValues, true>> = {
  ...{ target_files: true, scrape_configs: true, scrape_interval: true, region: true, remote_write_endpoint: true },
  ...{ collector_name: true, target_sync_port: true, self_metrics_port: true, health_check_port: true },
};

export const PLACEHOLDER_NAMES = Object.keys(PLACEHOLDERS) as readonly (keyof PlaceholderValues)[];

export const placeholder = (name: keyof PlaceholderValues): string => ['$', `{discovery:${name}}`].join('');
