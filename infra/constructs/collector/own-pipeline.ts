/**
 * A pipeline of the user: a configuration of the OpenTelemetry Collector with placeholders, `${discovery:…}`, for what
 * only this project knows. It is checked when the app is synthesised; the collector itself checks the rest at its start.
 */
import { parseDocument } from 'yaml';
import { HEALTH_CHECK_PORT } from './collector-pipeline.ts';
import { COLLECTOR_JOB, TARGET_SYNC_JOB } from './job-names.ts';

/** What stands in the place of each placeholder. `scrape_configs` is a list in JSON, which YAML takes as it is. */
export interface PlaceholderValues {
  readonly target_files: string;
  readonly scrape_configs: string;
  readonly scrape_interval: string;
  readonly region: string;
  readonly remote_write_endpoint: string;
  readonly collector_name: string;
  readonly target_sync_port: string;
  readonly self_metrics_port: string;
  readonly health_check_port: string;
}

const PLACEHOLDERS: Readonly<Record<keyof PlaceholderValues, true>> = {
  ...{ target_files: true, scrape_configs: true, scrape_interval: true, region: true, remote_write_endpoint: true },
  ...{ collector_name: true, target_sync_port: true, self_metrics_port: true, health_check_port: true },
};

export const PLACEHOLDER_NAMES = Object.keys(PLACEHOLDERS) as readonly (keyof PlaceholderValues)[];

/** A dollar before it makes it text, as the collector has it. */
const PLACEHOLDER = /(?<!\$)\$\{discovery:([^}]*)\}/g;
/** A variable without a value for where it is not set. */
const VARIABLE = /(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Variables that ECS sets (Amazon ECS developer guide, "Amazon ECS environment variables"). */
const OF_ECS = /^(AWS|ECS)_/;

const placeholder = (name: keyof PlaceholderValues): string => ['$', `{discovery:${name}}`].join('');

export interface FilledPipeline {
  readonly pipeline: string;
  /** Why it cannot be deployed; none: it can. */
  readonly problems: readonly string[];
  /** What of this project does not work with it. */
  readonly losses: readonly string[];
}

/**
 * Puts the values in their places.
 *
 * @param variables names in the environment of the collector's container
 */
export function fillPipeline(text: string, values: PlaceholderValues, variables: readonly string[]): FilledPipeline {
  const used = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const pipeline = text.replaceAll(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof PlaceholderValues] : whole,
  );
  const unknown = used.filter((name) => !Object.hasOwn(values, name));
  if (unknown.length > 0) {
    const problems = unknown.map((name) => `${name} is not a placeholder; there are ${PLACEHOLDER_NAMES.join(', ')}`);
    return { pipeline, problems, losses: [] };
  }
  const document = parseDocument(pipeline, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) return { pipeline, problems: [`is not YAML: ${error.message}`], losses: [] };
  const configuration: unknown = document.toJS();
  const problems = [
    ...unset(pipeline, variables),
    ...unscraped(used),
    ...structure(configuration),
    ...unhealthy(configuration, used),
  ];
  return { pipeline, problems, losses: problems.length > 0 ? [] : lossesOf(configuration, used) };
}

const unset = (pipeline: string, variables: readonly string[]): readonly string[] =>
  [...new Set([...pipeline.matchAll(VARIABLE)].map(([, name = '']) => name))]
    .filter((name) => !variables.includes(name) && !OF_ECS.test(name))
    .map(
      (name) =>
        `takes ${name} from the environment, where it is not: write a default (:-), or name it in collectorSecrets`,
    );

const unscraped = (used: readonly string[]): readonly string[] =>
  used.includes('scrape_configs') || used.includes('target_files')
    ? []
    : [
        `scrapes nothing that was discovered: write ${placeholder('scrape_configs')} as the scrape_configs of a prometheus receiver, or ${placeholder('target_files')} in the file_sd_configs of a job`,
      ];

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const under = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((found, key) => (isTree(found) ? found[key] : undefined), value);
const namesIn = (value: unknown): readonly string[] => (isTree(value) ? Object.keys(value) : []);
const listIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** A component is named `type` or `type/name`. */
const typeOf = (component: string): string => component.replace(/\/.*$/, '');

const KINDS = ['receivers', 'processors', 'exporters'] as const;

/** What the collector would refuse at its start, when the deployment is half done. */
function structure(configuration: unknown): readonly string[] {
  const pipelines = under(configuration, 'service', 'pipelines');
  if (namesIn(pipelines).length === 0) return ['has no service.pipelines'];
  const defined = (kind: string) => [
    ...namesIn(under(configuration, kind)),
    ...namesIn(under(configuration, 'connectors')),
  ];
  const missing = (kind: string, used: readonly string[], where: string) =>
    used
      .filter((component) => !defined(kind).includes(component))
      .map((component) => `uses ${component} in ${where}, which is not in its ${kind}`);
  return [
    ...missing('extensions', listIn(under(configuration, 'service', 'extensions')), 'service.extensions'),
    ...namesIn(pipelines).flatMap((name) =>
      KINDS.flatMap((kind) => {
        const used = listIn(under(pipelines, name, kind));
        const where = `service.pipelines.${name}`;
        if (used.length === 0 && kind !== 'processors') return [`has no ${kind} in ${where}`];
        return missing(kind, used, where);
      }),
    ),
  ];
}

/** Without an answer to its health check, ECS would replace the task again and again. */
function unhealthy(configuration: unknown, used: readonly string[]): readonly string[] {
  const extensions = listIn(under(configuration, 'service', 'extensions'));
  const asked = extensions
    .filter((extension) => typeOf(extension) === 'health_check')
    .map((extension) => under(configuration, 'extensions', extension, 'endpoint'));
  if (used.includes('health_check_port') && asked.length > 0) return [];
  // The extension's own default is this port, too.
  if (asked.some((endpoint) => endpoint === undefined || String(endpoint).endsWith(`:${HEALTH_CHECK_PORT}`))) return [];
  return [
    `has no health_check extension at 127.0.0.1:${placeholder('health_check_port')} that service.extensions names: ECS asks it whether the collector is well`,
  ];
}

/** Every job of every prometheus receiver. */
function jobsIn(configuration: unknown): readonly string[] {
  const receivers = under(configuration, 'receivers');
  return namesIn(receivers)
    .filter((name) => typeOf(name) === 'prometheus')
    .map((name) => under(receivers, name, 'config', 'scrape_configs'))
    .flatMap((jobs) => (Array.isArray(jobs) ? jobs : []))
    .map((job) => String(under(job, 'job_name')));
}

const REMOTE_WRITE_TYPES = ['prometheus_remote_write', 'prometheusremotewrite'];
/** As the pipeline of this project has it. */
const TRANSLATION = 'UnderscoreEscapingWithoutSuffixes';

function lossesOf(configuration: unknown, used: readonly string[]): readonly string[] {
  const jobs = jobsIn(configuration);
  const exporters = under(configuration, 'exporters');
  const translated = namesIn(exporters).filter(
    (name) =>
      REMOTE_WRITE_TYPES.includes(typeOf(name)) && under(exporters, name, 'translation_strategy') !== TRANSLATION,
  );
  const limited = namesIn(under(configuration, 'processors')).some((name) => typeOf(name) === 'memory_limiter');
  const losses: readonly (readonly [boolean, string])[] = [
    [
      !used.includes('remote_write_endpoint'),
      `without ${placeholder('remote_write_endpoint')} nothing is sent to the workspace of this deployment`,
    ],
    [
      !jobs.includes(COLLECTOR_JOB),
      `without a job ${COLLECTOR_JOB} the alert rules on collectors go on, and their panels are empty`,
    ],
    [
      !jobs.includes(TARGET_SYNC_JOB),
      `without a job ${TARGET_SYNC_JOB} the panels on how fresh targets are stay empty`,
    ],
    [!limited, 'without memory_limiter a collector with too many series is ended by ECS, and no alarm says so before'],
    ...translated.map(
      (name) =>
        [
          true,
          `without translation_strategy: ${TRANSLATION} in ${name} metrics have other names than those in alert rules and dashboards`,
        ] as const,
    ),
  ];
  return losses.filter(([lost]) => lost).map(([, sentence]) => sentence);
}
