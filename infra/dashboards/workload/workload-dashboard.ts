import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { compose } from '../compose.ts';
import { deployments } from '../deployments.ts';
import { dataSourceVariable, labelVariable } from '../variables.ts';
import { ecsExporterRow } from './ecs-exporter-row.ts';
import { hostsRow } from './hosts-row.ts';
import { servicesRow } from './services-row.ts';
import { tasksRow } from './tasks-row.ts';
import { totalsRow } from './totals-row.ts';

/** Requests, latency and use of resources of the tasks that export the reference workload's metrics. */
export const workloadDashboard = (): Dashboard =>
  compose({
    uid: 'ecs-workload',
    title: 'ECS workload',
    description:
      'Requests, latency and use of resources of the services that count http_requests_total and request_duration_milliseconds, by service and by task.',
    variables: [
      dataSourceVariable(),
      labelVariable('cluster', 'Cluster', 'http_requests_total'),
      labelVariable('service', 'Service', 'http_requests_total{cluster=~"$cluster"}'),
      labelVariable('taskid', 'Task', 'http_requests_total{cluster=~"$cluster",service=~"$service"}'),
    ],
    annotations: [deployments('cluster=~"$cluster",service=~"$service",taskid!=""')],
    rows: {
      'All that is chosen': totalsRow(),
      'By service': servicesRow(),
      'By task': tasksRow(),
      'Whole tasks (with the ECS exporter)': ecsExporterRow(),
      'Hosts (EC2 capacity with the node exporter)': hostsRow(),
    },
  });
