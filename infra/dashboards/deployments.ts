import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type AnnotationQuery, AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { BY_SERVICE } from '../constructs/collector/series-matchers.ts';
import { BY_TASK } from './queries.ts';
import { DATA_SOURCE } from './variables.ts';

/** A deployment is seen for this long. */
const WINDOW = '10m';

/**
 * Marks the times at which at least half of the tasks of a service are new. The labels of a target do not name the
 * revision of its task definition, so a large scale-out is marked, too. A service that had no targets before is not: after
 * a gap in the data everything would be new.
 *
 * @param chosen - PromQL matchers of the targets
 */
export const deployments = (chosen: string): Builder<AnnotationQuery> => {
  const tasks = (offset = '') => `group ${BY_TASK} (up{${chosen}}${offset})`;
  const earlier = tasks(` offset ${WINDOW}`);
  return new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('blue')
    .expr(
      `count ${BY_SERVICE} (${tasks()} unless ${earlier}) >= 0.5 * count ${BY_SERVICE} (${tasks()}) and count ${BY_SERVICE} (${earlier})`,
    )
    .step('60s')
    .titleFormat('New tasks: {{cluster}} / {{service}}')
    .textFormat('At least half of the tasks are new: a deployment, or a large scale-out.')
    .tagKeys('cluster,service')
    .useValueForTime(false);
};
