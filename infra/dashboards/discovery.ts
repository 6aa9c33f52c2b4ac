import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { COLLECTOR_JOB } from '../constructs/collector/collector-pipeline.ts';
import { compose } from './compose.ts';
import { figure, graph, list } from './panels.ts';
import { dataSourceVariable, labelVariable, windowVariable } from './variables.ts';

/** The targets that the reader has chosen; the collectors' own metrics are not among them. */
const CHOSEN = `job!="${COLLECTOR_JOB}",cluster=~"$cluster",service=~"$service"`;
const OF_COLLECTORS = `job="${COLLECTOR_JOB}"`;

const BY_SERVICE = 'by (cluster, service)';
const SERVICE = '{{cluster}} / {{service}}';

/** Seconds since the newest sample of each target was taken. */
const AGE = `time() - timestamp(up{${CHOSEN}})`;

const pointsRate = (metric: string) => `sum by (instance) (rate(${metric}{${OF_COLLECTORS}}[$window]))`;

/** Counters that the collector has only once something failed: 0 until then. */
const failuresRate = (metric: string) =>
  `${pointsRate(metric)} or 0 * ${pointsRate('otelcol_exporter_sent_metric_points')}`;

/** Are all tasks scraped, how fresh is what is known of them, and does the collector lose anything. */
export const discoveryDashboard = (): Dashboard =>
  compose({
    uid: 'ecs-discovery',
    title: 'ECS discovery',
    description:
      'What is scraped, whether it answers, how fresh the samples are, and how the collector fares. The way from an ECS event to the target file (age of events, queues, shards) is on the CloudWatch dashboard.',
    variables: [
      dataSourceVariable(),
      labelVariable('cluster', 'Cluster', `up{job!="${COLLECTOR_JOB}"}`),
      labelVariable('service', 'Service', `up{job!="${COLLECTOR_JOB}",cluster=~"$cluster"}`),
      windowVariable(),
    ],
    rows: {
      'At a glance': [
        figure({
          title: 'Targets',
          description:
            'Endpoints that the collector is told to scrape. A task with two metrics endpoints counts twice.',
          unit: 'short',
          width: 4,
          noValue: 'No targets',
          queries: [{ expr: `count(up{${CHOSEN}})` }],
        }),
        figure({
          title: 'Targets down',
          description: 'Endpoints whose last scrape failed. The table below names them.',
          unit: 'short',
          width: 4,
          limits: { red: 1 },
          queries: [{ expr: `count(up{${CHOSEN}}) - sum(up{${CHOSEN}})` }],
        }),
        figure({
          title: 'Services',
          description: 'Services with at least one target. Tasks that no service started count as one.',
          unit: 'short',
          width: 4,
          queries: [{ expr: `count(count ${BY_SERVICE} (up{${CHOSEN}}))` }],
        }),
        figure({
          title: 'Oldest newest sample',
          description:
            'Seconds since the last scrape, of the target for which it is longest ago. More than two scrape intervals: the collector is late or cannot write. After five minutes Prometheus forgets a target.',
          unit: 's',
          width: 4,
          decimals: 0,
          limits: { orange: 120, red: 240 },
          noValue: 'No samples for 5 minutes',
          queries: [{ expr: `max(${AGE})` }],
        }),
        figure({
          title: 'Collectors',
          description: 'Collectors that scrape themselves and can write.',
          unit: 'short',
          width: 4,
          noValue: 'None',
          queries: [{ expr: `sum(up{${OF_COLLECTORS}})` }],
        }),
        figure({
          title: 'Samples not written',
          description:
            'Samples a second that the collectors gave up on: refused by the receiving side, or retried for too long. The log of the collector says why.',
          unit: 'cps',
          width: 4,
          limits: { red: 0.001 },
          queries: [
            {
              expr: `sum(rate(otelcol_exporter_send_failed_metric_points{${OF_COLLECTORS}}[$window])) or vector(0)`,
            },
          ],
        }),
      ],
      Targets: [
        graph({
          title: 'Targets up by service',
          description: 'Endpoints whose last scrape succeeded. It should follow the number of running tasks.',
          unit: 'short',
          width: 8,
          queries: [{ expr: `sum ${BY_SERVICE} (up{${CHOSEN}})`, legend: SERVICE }],
        }),
        graph({
          title: 'Targets down by service',
          description:
            'Endpoints whose last scrape failed: the task listens on another port or path than it was said to, a security group is in the way, or it is just starting or stopping.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: `count ${BY_SERVICE} (up{${CHOSEN}}) - sum ${BY_SERVICE} (up{${CHOSEN}})`, legend: SERVICE },
          ],
        }),
        graph({
          title: 'Targets that came and went within $window',
          description:
            'Came: is scraped now and was not then. Went: was scraped then and is not now. A deployment shows as both; went without came is a service that shrinks.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: `count(up{${CHOSEN}} unless up{${CHOSEN}} offset $window) or vector(0)`, legend: 'came' },
            { expr: `count(up{${CHOSEN}} offset $window unless up{${CHOSEN}}) or vector(0)`, legend: 'went' },
          ],
        }),
        list({
          title: 'All targets, those that are down first',
          description: 'Every endpoint that is scraped, with the labels that all its series carry.',
          expr: `sort(max by (cluster, service, taskdefinition, namespace, taskid, instance, port, job) (up{${CHOSEN}}))`,
          value: { heading: 'State', words: { 0: ['down', 'red'], 1: ['up', 'green'] } },
          columns: {
            cluster: 'Cluster',
            service: 'Service',
            taskdefinition: 'Task definition',
            namespace: 'Namespace',
            taskid: 'Task',
            instance: 'Address',
            port: 'Port',
            job: 'Job',
          },
          noValue: 'No targets',
        }),
      ],
      'Freshness and scrapes': [
        graph({
          title: 'Age of the newest sample, worst target',
          description:
            'Seconds since the last scrape of the target for which it is longest ago. It rises to the scrape interval and falls back.',
          unit: 's',
          width: 12,
          queries: [{ expr: `max ${BY_SERVICE} (${AGE})`, legend: SERVICE }],
        }),
        graph({
          title: 'Scrape duration',
          description:
            'Mean and slowest scrape. One that takes longer than the scrape timeout (10 s, unless it was changed) counts as down.',
          unit: 's',
          width: 12,
          queries: [
            { expr: `avg ${BY_SERVICE} (scrape_duration_seconds{${CHOSEN}})`, legend: `${SERVICE}, mean` },
            { expr: `max ${BY_SERVICE} (scrape_duration_seconds{${CHOSEN}})`, legend: `${SERVICE}, slowest` },
          ],
        }),
        graph({
          title: 'Samples of a scrape',
          description:
            'Samples that one scrape of all targets of a service brings. This times the scrapes is what the storage charges for.',
          unit: 'short',
          width: 12,
          queries: [{ expr: `sum ${BY_SERVICE} (scrape_samples_post_metric_relabeling{${CHOSEN}})`, legend: SERVICE }],
        }),
        graph({
          title: 'New series of a scrape',
          description:
            'Series that the last scrape brought for the first time. High for long: a label whose values never repeat.',
          unit: 'short',
          width: 12,
          queries: [{ expr: `sum ${BY_SERVICE} (scrape_series_added{${CHOSEN}})`, legend: SERVICE }],
        }),
      ],
      Collectors: [
        graph({
          title: 'Samples through the collector',
          description: 'Scraped: taken in. Written: accepted by the receiving side. They should be the same.',
          unit: 'cps',
          width: 8,
          queries: [
            { expr: pointsRate('otelcol_receiver_accepted_metric_points'), legend: '{{instance}} scraped' },
            { expr: pointsRate('otelcol_exporter_sent_metric_points'), legend: '{{instance}} written' },
          ],
        }),
        graph({
          title: 'Samples lost',
          description:
            'Refused: the memory limiter took nothing in; give the task more memory or split the targets between more collectors. Not written: given up, see the log of the collector.',
          unit: 'cps',
          width: 8,
          queries: [
            { expr: pointsRate('otelcol_receiver_refused_metric_points'), legend: '{{instance}} refused' },
            {
              expr: failuresRate('otelcol_exporter_send_failed_metric_points'),
              legend: '{{instance}} not written',
            },
          ],
        }),
        graph({
          title: 'Batches waiting to be written',
          description:
            'Rises while the receiving side is slow, throttles or is away. What waits is written later; when the queue is full (10,000 batches) it is lost.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: `sum by (instance) (otelcol_exporter_queue_size{${OF_COLLECTORS}})`, legend: '{{instance}}' },
          ],
        }),
        graph({
          title: 'Memory of the collector',
          description:
            'Resident memory. It grows with the number of series; at 80 % of the limit of its container the collector takes nothing in any more.',
          unit: 'bytes',
          width: 8,
          queries: [
            { expr: `sum by (instance) (otelcol_process_memory_rss{${OF_COLLECTORS}})`, legend: '{{instance}}' },
          ],
        }),
        graph({
          title: 'CPU of the collector',
          description: 'CPU seconds a second: 1 is one full core.',
          unit: 'short',
          width: 8,
          queries: [{ expr: pointsRate('otelcol_process_cpu_seconds'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Time since the collector started',
          description:
            'Falls to 0 with a restart. It should fall only with a deployment: targets are changed without one.',
          unit: 's',
          width: 8,
          queries: [{ expr: `max by (instance) (otelcol_process_uptime{${OF_COLLECTORS}})`, legend: '{{instance}}' }],
        }),
      ],
    },
  });
