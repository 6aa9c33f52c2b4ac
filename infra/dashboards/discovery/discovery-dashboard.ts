import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DISCOVERED } from '../../constructs/collector/series-matchers.ts';
import { compose } from '../compose.ts';
import { deployments } from '../deployments.ts';
import { cloudWatchVariable, dataSourceVariable, labelVariable } from '../variables.ts';
import { CHOSEN } from './chosen.ts';
import { collectorsRow } from './collectors-row.ts';
import { freshnessRow } from './freshness-row.ts';
import { glanceRow } from './glance-row.ts';
import { scrapesRow } from './scrapes-row.ts';
import { skippedRow } from './skipped-row.ts';
import { targetsRow } from './targets-row.ts';

/** Are all tasks scraped, how fresh is what is known of them, and does the collector lose anything. */
export const discoveryDashboard = (): Dashboard =>
  compose({
    uid: 'ecs-discovery',
    title: 'ECS discovery',
    description:
      'What is scraped, whether it answers, how long a change takes from ECS to the first sample, and how the collector fares. Queues and functions are on the CloudWatch dashboard.',
    variables: [
      dataSourceVariable(),
      cloudWatchVariable(),
      labelVariable('cluster', 'Cluster', `up{${DISCOVERED}}`),
      labelVariable('service', 'Service', `up{${DISCOVERED},cluster=~"$cluster"}`),
    ],
    annotations: [deployments(CHOSEN)],
    rows: {
      'At a glance': glanceRow(),
      Targets: targetsRow(),
      'From the event to the first sample': freshnessRow(),
      'Tasks that are not scraped': skippedRow(),
      Scrapes: scrapesRow(),
      Collectors: collectorsRow(),
    },
  });
