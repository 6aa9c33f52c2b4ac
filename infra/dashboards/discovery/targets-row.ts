import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { BY_SERVICE } from '../../constructs/collector/series-matchers.ts';
import { graph } from '../panels/graph.ts';
import { list } from '../panels/list.ts';
import { perService, SERVICE } from '../queries.ts';
import { CHOSEN } from './chosen.ts';

/** What is scraped, and whether it answers. */
export const targetsRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'Targets up by service',
    description: 'Endpoints whose last scrape succeeded. It should follow the number of running tasks.',
    unit: 'short',
    width: 8,
    queries: [{ expr: perService(`sum ${BY_SERVICE} (up{${CHOSEN}})`), legend: SERVICE }],
  }),
  graph({
    title: 'Targets down by service',
    description:
      'Endpoints whose last scrape failed: the port or path is wrong, a security group is in the way, or the task is just starting or stopping.',
    unit: 'short',
    width: 8,
    queries: [
      {
        expr: perService(`(count ${BY_SERVICE} (up{${CHOSEN}}) - sum ${BY_SERVICE} (up{${CHOSEN}}))`),
        legend: SERVICE,
      },
    ],
  }),
  graph({
    title: 'Targets that came and went within 5 minutes',
    description:
      'Came: is scraped now and was not then. Went: was scraped then and is not now. A deployment shows as both; went without came is a service that shrinks.',
    unit: 'short',
    width: 8,
    queries: [
      { expr: `count(up{${CHOSEN}} unless up{${CHOSEN}} offset 5m) or vector(0)`, legend: 'came' },
      { expr: `count(up{${CHOSEN}} offset 5m unless up{${CHOSEN}}) or vector(0)`, legend: 'went' },
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
];
