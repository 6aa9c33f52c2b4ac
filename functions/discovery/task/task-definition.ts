/** What a task definition revision says about how to scrape its tasks. A revision never changes. */
export interface TaskDefinition {
  readonly arn: string;
  readonly networkMode: NetworkMode;
  readonly containers: readonly ContainerDefinition[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly containerPorts: readonly number[];
}

export type NetworkMode = 'awsvpc' | 'bridge' | 'host' | 'none' | 'other';

/** An empty network mode is `bridge`, the default of ECS on Linux container instances. */
export function parseNetworkMode(mode: string | undefined): NetworkMode {
  switch (mode) {
    case 'awsvpc':
    case 'host':
    case 'none':
    case 'bridge':
      return mode;
    case undefined:
    case '':
      return 'bridge';
    default:
      return 'other';
  }
}
