/** What a task definition revision says about how to scrape its tasks. A revision never changes. */
export interface TaskDefinition {
  readonly arn: string;
  readonly networkMode: NetworkMode;
  readonly containers: readonly ContainerDefinition[];
  /** An essential container has a health check, so that the task has a health. */
  readonly hasHealthCheck?: boolean;
}

export interface ContainerDefinition {
  readonly name: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  /** Ports of its port mappings, each once; those for UDP alone are left out, because a scrape is TCP. */
  readonly containerPorts: readonly number[];
}

/** The modes of the ECS API reference; one that is not among them is kept as it is written. */
export type NetworkMode = 'awsvpc' | 'bridge' | 'host' | 'none' | (string & Record<never, never>);

/**
 * An empty network mode is `bridge`, the default of ECS on Linux container instances. On Windows the default network of
 * Docker is called `default`, and publishes ports as `bridge` does (ECS developer guide, task networking).
 */
export const parseNetworkMode = (mode: string | undefined): NetworkMode =>
  mode === undefined || mode === '' || mode === 'default' ? 'bridge' : mode;
