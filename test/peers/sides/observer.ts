/** OpenTelemetry's ECS observer, in a collector that scrapes nothing. */
import { LOCAL_REGION } from '../../../infra/local/loopback.ts';
import { FLEET_CLUSTER } from '../fleet.ts';
import type { PollingProgram } from './polling-program.ts';

/** The collector needs some pipeline; this one has nothing to scrape and nothing to send. */
const observerConfiguration = (file: string, seconds: number | undefined): string => `extensions:
  ecs_observer:
    cluster_name: ${FLEET_CLUSTER}
    cluster_region: ${LOCAL_REGION}
    result_file: ${JSON.stringify(file)}
    ${seconds === undefined ? '' : `refresh_interval: ${seconds}s`}
    docker_labels:
      - port_label: ECS_PROMETHEUS_EXPORTER_PORT
receivers:
  prometheus:
    config:
      scrape_configs:
        - job_name: nothing
          static_configs: []
exporters:
  prometheus_remote_write:
    endpoint: http://127.0.0.1:9/api/v1/write
service:
  extensions: [ecs_observer]
  telemetry:
    metrics:
      level: none
  pipelines:
    metrics:
      receivers: [prometheus]
      exporters: [prometheus_remote_write]
`;

export const observer = (options: Pick<PollingProgram, 'account' | 'binary'>): PollingProgram => ({
  ...options,
  id: 'observer',
  configuration: observerConfiguration,
  arguments: (configuration) => [`--config=file:${configuration}`],
});
