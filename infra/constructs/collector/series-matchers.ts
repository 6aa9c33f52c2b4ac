/** PromQL matchers of the series that collectors write, for alert rules and dashboards. */
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import { COLLECTOR_JOB, TARGET_SYNC_JOB } from './job-names.ts';

/** Matchers of what this project discovered: no other target of a workspace has the id of a task. */
export const DISCOVERED = `${LABELS.taskId}!=""`;

/** Matchers of the collectors' own metrics. */
export const OF_COLLECTORS = `job="${COLLECTOR_JOB}"`;

/** Matchers of the metrics of the target-syncs beside the collectors. */
export const OF_TARGET_SYNCS = `job="${TARGET_SYNC_JOB}"`;

/**
 * The labels that name a service. A task that no service started has no label `service`; `account` and `region` have those of
 * clusters elsewhere, of which one may have the name of one here.
 */
export const BY_SERVICE = `by (account, region, ${LABELS.cluster}, ${LABELS.service})`;
