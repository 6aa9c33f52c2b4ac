import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';
import { cloudWatchGraph } from '../panels/cloud-watch-graph.ts';
import { FULL_WIDTH } from '../panels/panel-options.ts';

/** Tasks that Prometheus knows nothing of, so CloudWatch is asked. */
export const skippedRow = (): readonly Builder<Panel>[] => [
  cloudWatchGraph({
    title: 'Tasks that are not scraped although something asks for it, by reason',
    description:
      'From CloudWatch, the last 24 hours: counted by each resync over all tasks, and in between as tasks change. The answer of a resync has the reasons, too. Needs a CloudWatch data source of the account and Region of the deployment.',
    unit: 'short',
    width: FULL_WIDTH,
    noValue: 'None, or no CloudWatch data source',
    namespace: METRICS_NAMESPACE,
    metric: METRICS.skipped,
    statistic: 'Sum',
    dimensions: [DIMENSIONS.cluster, DIMENSIONS.reason, 'service'],
    timeFrom: '24h',
  }),
];
