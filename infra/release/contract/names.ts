/** Of the names: what users, their dashboards and their own programs refer to. */
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';
import {
  DEFAULT_NAMESPACES_PARAMETER,
  MESSAGE_KIND,
  OWNER_TAG,
  shardParameterName,
  TARGET_FILES_FOLDER,
} from '../../../functions/discovery/names.ts';
import { SCRAPE_TAGS } from '../../../functions/discovery/selection/cloud-map-service.ts';
import {
  ANNOTATIONS,
  DYNAMIC_EXPORT,
  LABEL_FAMILIES,
} from '../../../functions/discovery/selection/docker-label-names.ts';
import { RULE_KEYS } from '../../../functions/discovery/selection/scrape-rule.ts';
import { EXTRA_LABELS, LABELS } from '../../../functions/discovery/target/labels.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../../functions/discovery/target-sync-environment.ts';
import { CHANGE_KINDS, TARGET_SYNC_METRICS } from '../../../functions/discovery/target-sync-metrics.ts';
import * as library from '../../index.ts';
import { SETTINGS } from '../../settings/settings.ts';

/** Names, each of a kind. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  setting: Object.keys(SETTINGS),
  'scrape rule key': RULE_KEYS,
  'docker label': [
    ...LABEL_FAMILIES.flatMap((family) => Object.values<string>({ ...family })),
    ...Object.values(ANNOTATIONS),
    DYNAMIC_EXPORT,
  ],
  'Cloud Map tag': [...Object.values(SCRAPE_TAGS), OWNER_TAG],
  'target label': [...Object.values(LABELS), ...EXTRA_LABELS],
  [`CloudWatch metric of ${METRICS_NAMESPACE}`]: Object.values(METRICS),
  'CloudWatch dimension': Object.values(DIMENSIONS),
  'target-sync metric': Object.values(TARGET_SYNC_METRICS),
  'target-sync kind of change': CHANGE_KINDS,
  // Those of the functions are set and read by one deployment; a target-sync may be run by its user.
  'target-sync variable': Object.values(TARGET_SYNC_ENVIRONMENT),
  'message kind': [
    `${MESSAGE_KIND.attribute}=${MESSAGE_KIND.changes}`,
    `${MESSAGE_KIND.attribute}=${MESSAGE_KIND.notice}`,
  ],
  parameter: [shardParameterName('<deployment>', '<cluster>', 0), DEFAULT_NAMESPACES_PARAMETER],
  'folder of target files': [TARGET_FILES_FOLDER],
  'export of the package': Object.keys(library),
};

export const nameEntries = (): [string, string][] =>
  Object.entries(NAMES).flatMap(([kind, names]) => names.map((name): [string, string] => [`${kind} ${name}`, '']));
