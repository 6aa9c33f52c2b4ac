/** Prometheus' ECS discovery in its own discovery manager. */
import { clusterArn } from '../../../infra/local/ecs/arn.ts';
import { LOCAL_REGION } from '../../../infra/local/loopback.ts';
import { FLEET_CLUSTER, FLEET_PORT } from '../fleet.ts';
import type { PollingProgram } from './polling-program.ts';

const prometheusConfiguration = (endpoint: string, seconds: number | undefined): string => `scrape_configs:
  - job_name: ecs
    aws_sd_configs:
      - role: ecs
        region: ${LOCAL_REGION}
        endpoint: ${endpoint}
        clusters: [${JSON.stringify(clusterArn(FLEET_CLUSTER))}]
        port: ${FLEET_PORT}
        ${seconds === undefined ? '' : `refresh_interval: ${seconds}s`}
`;

export const prometheus = (options: Pick<PollingProgram, 'account' | 'binary'>): PollingProgram => ({
  ...options,
  id: 'prometheus',
  configuration: (_, seconds) => prometheusConfiguration(options.account.endpoint, seconds),
  arguments: (configuration, file) => [`-config=${configuration}`, `-file=${file}`],
});
