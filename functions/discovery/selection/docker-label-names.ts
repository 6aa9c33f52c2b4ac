/** The docker labels that say how to scrape a container, in the names that other tools already use. */
import { SCRAPE_TAGS } from './cloud-map-service.ts';

/** Names of the labels of one tool. A suffix, `_x` or `.x`, names further endpoints of the same container. */
export interface LabelFamily {
  readonly port: string;
  readonly path: string;
  readonly job: string;
  readonly scheme: string;
  /** Label of the container that names the job of all its endpoints where the others do not. */
  readonly commonJob?: string;
  /** Beginning of suffixes of ports that share path, job and scheme with the port that has none. */
  readonly sharedSuffix?: string;
}

/** OpenTelemetry ECS observer, CloudWatch agent; `job` is the default of the agent's `sd_job_name_label`. */
export const OBSERVER_LABELS: LabelFamily = {
  port: 'ECS_PROMETHEUS_EXPORTER_PORT',
  path: 'ECS_PROMETHEUS_METRICS_PATH',
  job: 'ECS_PROMETHEUS_JOB_NAME',
  scheme: 'ECS_PROMETHEUS_SCHEME',
  commonJob: 'job',
  // The agent has one path and one job label, and a port label for each subset of the containers.
  sharedSuffix: '_SUBSET',
};

/** prometheus-ecs-discovery. */
export const EXPORTER_LABELS: LabelFamily = {
  port: 'PROMETHEUS_EXPORTER_PORT',
  path: 'PROMETHEUS_EXPORTER_PATH',
  job: 'PROMETHEUS_EXPORTER_JOB_NAME',
  scheme: 'PROMETHEUS_EXPORTER_SCHEME',
};

export const LABEL_FAMILIES: readonly LabelFamily[] = [OBSERVER_LABELS, EXPORTER_LABELS];

/** prometheus-ecs-discovery: `1` exports the only port of the container, whatever it is. */
export const DYNAMIC_EXPORT = 'PROMETHEUS_DYNAMIC_EXPORT';

/** ecs-sd, and annotations of Kubernetes: `scrape` is `true`, and `port` says where. */
export const ANNOTATIONS = {
  scrape: 'prometheus.io/scrape',
  port: 'prometheus.io/port',
  path: 'prometheus.io/path',
  scheme: 'prometheus.io/scheme',
} as const;

const TAG_OF_CLOUD_MAP = `it is a tag of Cloud Map services; write ${OBSERVER_LABELS.port} and ${OBSERVER_LABELS.path}`;

/** Labels of other tools that are not read, and what to write instead. */
export const NOT_READ: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(SCRAPE_TAGS).map((tag) => [tag, TAG_OF_CLOUD_MAP])),
  PROMETHEUS_EXPORTER_SERVER_NAME: 'targets are addresses; set server_name in the tls_config of the scrape job',
  PROMETHEUS_SCRAPES: 'write a PROMETHEUS_EXPORTER_PORT_x and PROMETHEUS_EXPORTER_PATH_x for each endpoint x',
  PROMETHEUS_LABELS:
    'name the labels to carry in the setting dockerLabels, and the scheme in PROMETHEUS_EXPORTER_SCHEME',
};

/** Every name without a suffix, those of one tool together. */
export const LABEL_NAMES: readonly string[] = [
  ...LABEL_FAMILIES.flatMap(({ port, path, job, scheme }) => [port, path, job, scheme]),
  DYNAMIC_EXPORT,
  ...Object.values(ANNOTATIONS),
];

/** The suffix of a label, `''` for none; undefined where the label is not one of this name. */
export function suffixOf(label: string, name: string): string | undefined {
  if (!label.startsWith(name)) return undefined;
  const suffix = label.slice(name.length);
  return suffix === '' || /^[_.]./.test(suffix) ? suffix : undefined;
}
