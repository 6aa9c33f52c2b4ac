import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { compose } from './compose.ts';
import { figure, graph } from './panels.ts';
import { dataSourceVariable, labelVariable, windowVariable } from './variables.ts';

/** The tasks that the reader has chosen. */
const CHOSEN = 'cluster=~"$cluster",service=~"$service",taskid=~"$taskid"';

const requests = (more = '') => `rate(http_requests_total{${CHOSEN}${more}}[$window])`;
const duration = (part: 'sum' | 'count' | 'bucket') =>
  `rate(request_duration_milliseconds_${part}{${CHOSEN}}[$window])`;

/** Mean time of a request; `by` such as `by (service)`. */
const averageLatency = (by = '') => `sum${by} (${duration('sum')}) / sum${by} (${duration('count')})`;

/** Time that this share of the requests does not exceed, read from the histogram; `by` names labels. */
const latencyQuantile = (share: number, by: readonly string[] = []) =>
  `histogram_quantile(${share}, sum by (${[...by, 'le'].join(', ')}) (${duration('bucket')}))`;

const BY_SERVICE = ' by (cluster, service)';
const BY_TASK = ' by (cluster, service, taskid)';
const SERVICE = '{{cluster}} / {{service}}';
const TASK = '{{service}} {{taskid}}';

/** A legend with a line for each of thousands of tasks would be of no use to anybody. */
const MOST = 20;

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
      windowVariable(),
    ],
    rows: {
      'All that is chosen': [
        figure({
          title: 'Request rate',
          description: 'Requests answered a second, all chosen tasks together.',
          unit: 'reqps',
          width: 5,
          queries: [{ expr: `sum (${requests()})` }],
        }),
        figure({
          title: 'Average latency',
          description: 'Mean time from a request to the end of its answer.',
          unit: 'ms',
          width: 5,
          queries: [{ expr: averageLatency() }],
        }),
        figure({
          title: 'Latency, 99th percentile',
          description:
            'One request in a hundred takes longer. Read from the histogram, so between two of its bounds it is an estimate.',
          unit: 'ms',
          width: 5,
          queries: [{ expr: latencyQuantile(0.99) }],
        }),
        figure({
          title: 'Server errors',
          description: 'Share of the requests that were answered with a status of 500 or above.',
          unit: 'percentunit',
          width: 5,
          limits: { orange: 0.001, red: 0.01 },
          queries: [{ expr: `(sum (${requests(',status=~"5.."')}) or vector(0)) / sum (${requests()})` }],
        }),
        figure({
          title: 'Tasks',
          description: 'Tasks whose requests are counted now.',
          unit: 'short',
          width: 4,
          queries: [{ expr: `count (count by (taskid) (http_requests_total{${CHOSEN}}))` }],
        }),
      ],
      'By service': [
        graph({
          title: 'Request rate by service',
          description: 'Requests answered a second.',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `sum${BY_SERVICE} (${requests()})`, legend: SERVICE }],
        }),
        graph({
          title: 'Average latency by service',
          description: 'Mean time from a request to the end of its answer.',
          unit: 'ms',
          width: 12,
          queries: [{ expr: averageLatency(BY_SERVICE), legend: SERVICE }],
        }),
        graph({
          title: 'Latency percentiles',
          description:
            'Half, nine tenths and all but a hundredth of the chosen requests took no longer than this. Estimates between the bounds of the histogram.',
          unit: 'ms',
          width: 12,
          fill: 0,
          queries: [
            { expr: latencyQuantile(0.5), legend: 'p50' },
            { expr: latencyQuantile(0.9), legend: 'p90' },
            { expr: latencyQuantile(0.99), legend: 'p99' },
          ],
        }),
        graph({
          title: 'Answers by status',
          description: 'Requests answered a second, by the status of the answer.',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `sum by (status) (${requests()})`, legend: '{{status}}' }],
        }),
      ],
      'By task': [
        graph({
          title: 'Request rate by task',
          description: `Requests answered a second; the ${MOST} busiest tasks at each moment. Tasks of one service that get very different shares hint at the load balancing.`,
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `topk(${MOST}, sum${BY_TASK} (${requests()}))`, legend: TASK }],
        }),
        graph({
          title: 'Average latency by task',
          description: `Mean time of a request; the ${MOST} slowest tasks at each moment. A single slow task is the host's or the task's own trouble, all of them are the service's.`,
          unit: 'ms',
          width: 12,
          queries: [{ expr: `topk(${MOST}, ${averageLatency(BY_TASK)})`, legend: TASK }],
        }),
        graph({
          title: 'CPU by task',
          description: `CPU seconds a second of the process that exports the metrics: 1 is one full core. The ${MOST} busiest tasks at each moment.`,
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `topk(${MOST}, sum${BY_TASK} (rate(process_cpu_seconds_total{${CHOSEN}}[$window])))`,
              legend: TASK,
            },
          ],
        }),
        graph({
          title: 'Memory by task',
          description: `Resident memory of the process that exports the metrics; the ${MOST} largest at each moment. The task is ended when all its processes together reach its memory limit.`,
          unit: 'bytes',
          width: 12,
          queries: [{ expr: `topk(${MOST}, sum${BY_TASK} (process_resident_memory_bytes{${CHOSEN}}))`, legend: TASK }],
        }),
      ],
      'Hosts (EC2 capacity with the node exporter)': [
        graph({
          title: 'CPU by host',
          description: 'Share of the time, in percent, in which the CPUs of a host were not idle.',
          unit: 'percent',
          width: 12,
          max: 100,
          noValue: 'No node exporter is scraped',
          queries: [
            {
              expr: '100 - (avg by (cluster, instance) (rate(node_cpu_seconds_total{mode="idle",cluster=~"$cluster"}[$window])) * 100)',
              legend: '{{cluster}} {{instance}}',
            },
          ],
        }),
        graph({
          title: 'Memory by host',
          description: 'Share of the memory of a host, in percent, that is not available to new processes.',
          unit: 'percent',
          width: 12,
          max: 100,
          noValue: 'No node exporter is scraped',
          queries: [
            {
              expr: '100 * (1 - node_memory_MemAvailable_bytes{cluster=~"$cluster"} / node_memory_MemTotal_bytes{cluster=~"$cluster"})',
              legend: '{{cluster}} {{instance}}',
            },
          ],
        }),
      ],
    },
  });
