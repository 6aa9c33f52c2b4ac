/** What can be said of a pipeline of the user before a collector reads it: why it cannot run, and what it lacks. */
import { HEALTH_CHECK_PORT } from './collector-pipeline.ts';
import { COLLECTOR_JOB, TARGET_SYNC_JOB } from './job-names.ts';
import { placeholder } from './placeholders.ts';

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

/**
 * What the collector would refuse at its start, or ECS at its health check, when the deployment is half done.
 *
 * @param healthCheckPort that ADOT's health check asks
 */
export function structureProblems(configuration: unknown, healthCheckPort: string): readonly string[] {
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
    ...unhealthy(configuration, healthCheckPort),
  ];
}

/** Without an answer to its health check, ECS would replace the task again and again. */
function unhealthy(configuration: unknown, port: string): readonly string[] {
  const answers = listIn(under(configuration, 'service', 'extensions'))
    .filter((extension) => typeOf(extension) === 'health_check')
    .map((extension) => under(configuration, 'extensions', extension, 'endpoint'))
    // The extension's own default is that port, too.
    .some((endpoint = `localhost:${HEALTH_CHECK_PORT}`) => String(endpoint).endsWith(`:${port}`));
  return answers
    ? []
    : [
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

/** The resource attributes of its own metrics: a list of names and values, or a map. */
function ownName(configuration: unknown): unknown {
  const resource = under(configuration, 'service', 'telemetry', 'resource');
  const attributes = under(resource, 'attributes');
  const listed = Array.isArray(attributes) ? attributes : [];
  return listed.find((one) => under(one, 'name') === 'service.name')?.value ?? under(resource, 'service.name');
}

/**
 * What of this project does not work with the pipeline.
 *
 * @param remoteWriteEndpoint where the workspace of this deployment takes metrics
 */
export function lossesOf(configuration: unknown, remoteWriteEndpoint: string): readonly string[] {
  const jobs = jobsIn(configuration);
  const exporters = under(configuration, 'exporters');
  const ofExporters = namesIn(exporters).map((name) => ({ name, exporter: under(exporters, name) }));
  const translated = ofExporters.filter(
    ({ name, exporter }) =>
      REMOTE_WRITE_TYPES.includes(typeOf(name)) && under(exporter, 'translation_strategy') !== TRANSLATION,
  );
  const limited = namesIn(under(configuration, 'processors')).some((name) => typeOf(name) === 'memory_limiter');
  const losses: readonly (readonly [boolean, string])[] = [
    [
      !ofExporters.some(({ exporter }) => under(exporter, 'endpoint') === remoteWriteEndpoint),
      `no exporter has the endpoint ${placeholder('remote_write_endpoint')}: nothing is sent to the workspace of this deployment`,
    ],
    [
      !jobs.includes(COLLECTOR_JOB) || ownName(configuration) !== COLLECTOR_JOB,
      `without a job ${COLLECTOR_JOB} for its own metrics, and ${COLLECTOR_JOB} as service.name in service.telemetry.resource, the alert rules on collectors go on, and their panels are empty`,
    ],
    [
      !jobs.includes(TARGET_SYNC_JOB),
      `without a job ${TARGET_SYNC_JOB} the panels on how fresh targets are stay empty`,
    ],
    [!limited, 'without memory_limiter a collector with too many series is ended by ECS, and no alarm says so before'],
    ...translated.map(
      ({ name }) =>
        [
          true,
          `without translation_strategy: ${TRANSLATION} in ${name} metrics have other names than those in alert rules and dashboards`,
        ] as const,
    ),
  ];
  return losses.filter(([lost]) => lost).map(([, sentence]) => sentence);
}
