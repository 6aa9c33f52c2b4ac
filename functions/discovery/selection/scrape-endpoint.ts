/** What says how to scrape a task: docker labels, else tags of its Cloud Map service, else rules of the settings. */

import type { ContainerDefinition, TaskDefinition } from '../task/task-definition.ts';
import { REGISTRY_TAGS, type ServiceRegistry } from './cloud-map-service.ts';
import { type Rejection, reject } from './rejection.ts';
import { matchesRule, type ScrapeRule } from './scrape-rule.ts';

/** A metrics endpoint inside a task, before ports are mapped to the host. */
export interface ScrapeEndpoint {
  /** Container that serves it; absent where only the task is known (tags, rules). */
  readonly container?: string;
  readonly containerPort: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly job?: string;
}

export interface Selection {
  readonly endpoints: readonly ScrapeEndpoint[];
  /** Endpoints that were asked for but cannot be scraped; they never hinder their neighbours. */
  readonly rejections: readonly Rejection[];
}

/**
 * Docker labels in the names that other tools already use. A suffix names further endpoints of one container:
 * `PROMETHEUS_EXPORTER_PORT_admin=9000` with `PROMETHEUS_EXPORTER_PATH_admin=/stats`.
 */
const LABEL_FAMILIES = [
  // OpenTelemetry ECS observer, CloudWatch agent
  {
    port: 'ECS_PROMETHEUS_EXPORTER_PORT',
    path: 'ECS_PROMETHEUS_METRICS_PATH',
    job: 'ECS_PROMETHEUS_JOB_NAME',
    scheme: 'ECS_PROMETHEUS_SCHEME',
  },
  // prometheus-ecs-discovery
  {
    port: 'PROMETHEUS_EXPORTER_PORT',
    path: 'PROMETHEUS_EXPORTER_PATH',
    job: 'PROMETHEUS_EXPORTER_JOB_NAME',
    scheme: 'PROMETHEUS_EXPORTER_SCHEME',
  },
] as const;

/** prometheus-ecs-discovery: `1` exports the only port of the container, whatever it is. */
const DYNAMIC_EXPORT = 'PROMETHEUS_DYNAMIC_EXPORT';

const DEFAULT_PATH = '/metrics';
/** Where the reference system scrapes when neither a tag nor the registry names a port. */
const REFERENCE_DEFAULT_PORT = 80;

/** Endpoints that docker labels select; none where no container carries one of the labels. */
export function selectByDockerLabels(definition: TaskDefinition): Selection {
  return combine(definition.containers.flatMap((container) => endpointsOf(container)));
}

/** Endpoints that the tags of the task's Cloud Map service select, as the reference system reads them. */
export function selectByRegistryTags(registry: ServiceRegistry): Selection {
  const { tags, port = REFERENCE_DEFAULT_PORT } = registry;
  const found: (ScrapeEndpoint | Rejection)[] = [];
  const path = tags[REGISTRY_TAGS.metricsPath];
  if (path !== undefined) {
    found.push(endpoint({ port: tags[REGISTRY_TAGS.metricsPort] ?? String(port), path }));
  }
  const ecsPath = tags[REGISTRY_TAGS.ecsMetricsPath];
  const ecsPort = tags[REGISTRY_TAGS.ecsMetricsPort];
  if (ecsPath !== undefined && ecsPort !== undefined) found.push(endpoint({ port: ecsPort, path: ecsPath }));
  return combine(found);
}

/** Endpoints that the rules of the settings select; every rule that matches adds one. */
export function selectByRules(
  rules: readonly ScrapeRule[],
  task: { readonly service?: string; readonly family: string },
): Selection {
  return combine(
    rules
      .filter((rule) => matchesRule(rule, task))
      .map(({ port, path, job }) => endpoint({ port: String(port), path, job })),
  );
}

function endpointsOf(container: ContainerDefinition): (ScrapeEndpoint | Rejection)[] {
  const labels = container.dockerLabels;
  const found = LABEL_FAMILIES.flatMap((family) =>
    Object.keys(labels)
      .filter((name) => name === family.port || name.startsWith(`${family.port}_`))
      .sort()
      .map((name) => {
        const suffix = name.slice(family.port.length);
        const of = (label: string): string | undefined => labels[label + suffix];
        return endpoint({
          container: container.name,
          port: labels[name],
          path: of(family.path),
          job: of(family.job),
          scheme: of(family.scheme),
        });
      }),
  );
  if (found.length === 0 && labels[DYNAMIC_EXPORT] === '1') return [dynamicEndpoint(container)];
  return found;
}

function dynamicEndpoint(container: ContainerDefinition): ScrapeEndpoint | Rejection {
  const [port, ...others] = container.containerPorts;
  if (port === undefined || others.length > 0) {
    return reject(
      'invalid-port',
      `container ${container.name}: ${DYNAMIC_EXPORT} needs exactly one port mapping, it has ${container.containerPorts.length}; name the port with PROMETHEUS_EXPORTER_PORT`,
    );
  }
  const labels = container.dockerLabels;
  return endpoint({
    container: container.name,
    port: String(port),
    path: labels['PROMETHEUS_EXPORTER_PATH'],
    job: labels['PROMETHEUS_EXPORTER_JOB_NAME'],
    scheme: labels['PROMETHEUS_EXPORTER_SCHEME'],
  });
}

interface Wish {
  readonly container?: string;
  readonly port: string | undefined;
  readonly path?: string | undefined;
  readonly job?: string | undefined;
  readonly scheme?: string | undefined;
}

function endpoint({ container, port, path = DEFAULT_PATH, job, scheme = 'http' }: Wish): ScrapeEndpoint | Rejection {
  const where = container === undefined ? '' : `container ${container}: `;
  const containerPort = Number(port);
  if (!/^\d+$/.test(port ?? '') || containerPort < 1 || containerPort > 65535) {
    return reject('invalid-port', `${where}the metrics port must be a number from 1 to 65535, not "${port}"`);
  }
  if (!path.startsWith('/'))
    return reject('invalid-path', `${where}the metrics path must start with "/", not "${path}"`);
  if (scheme !== 'http' && scheme !== 'https') {
    return reject('invalid-scheme', `${where}the scheme must be http or https, not "${scheme}"`);
  }
  return { containerPort, path, scheme, ...(container && { container }), ...(job && { job }) };
}

function combine(found: readonly (ScrapeEndpoint | Rejection)[]): Selection {
  return {
    endpoints: found.filter((it): it is ScrapeEndpoint => 'containerPort' in it),
    rejections: found.filter((it): it is Rejection => 'reason' in it),
  };
}
