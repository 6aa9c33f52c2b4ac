/** Endpoints that docker labels select. */
import type { Labels } from '../target/labels.ts';
import type { ContainerDefinition, TaskDefinition } from '../task/task-definition.ts';
import { carriedJob, carriedLabels } from './carried-labels.ts';
import {
  ANNOTATIONS,
  DYNAMIC_EXPORT,
  EXPORTER_LABELS,
  LABEL_FAMILIES,
  type LabelFamily,
  suffixOf,
} from './docker-label-names.ts';
import { type Rejection, reject } from './rejection.ts';
import {
  type RequestedEndpoint,
  readEndpoint,
  type ScrapeEndpoint,
  type Selection,
  selectionOf,
} from './scrape-endpoint.ts';
import { unreadLabels } from './unread-labels.ts';

/**
 * Endpoints that docker labels select; none where no container carries one of the labels.
 *
 * @param carried names of docker labels that become labels of the targets, see carried-labels.ts
 */
export function selectByDockerLabels(definition: TaskDefinition, carried: readonly string[] = []): Selection {
  return selectionOf(
    definition.containers.flatMap((container) => endpointsOf(container, carried)),
    definition.containers.flatMap((container) => unreadLabels(container, carried)),
  );
}

function endpointsOf(container: ContainerDefinition, carried: readonly string[]): (ScrapeEndpoint | Rejection)[] {
  const { name, dockerLabels, containerPorts } = container;
  const labels = carriedLabels(dockerLabels, carried);
  const commonJob = carriedJob(dockerLabels, carried);
  const read = (requested: RequestedEndpoint): ScrapeEndpoint | Rejection =>
    readEndpoint({
      ...requested,
      container: name,
      job: requested.job ?? commonJob,
      labels,
      isMapped: containerPorts.includes(Number(requested.port)),
    });
  const requested = mergeFamilies([
    ...LABEL_FAMILIES.map((family) => requestsOf(dockerLabels, family)),
    requestsOfAnnotations(dockerLabels),
  ]);
  if (requested.length > 0 || dockerLabels[DYNAMIC_EXPORT]?.trim() !== '1') return requested.map(read);
  const [port, ...others] = containerPorts;
  if (port !== undefined && others.length === 0) return [read(dynamicRequest(dockerLabels, port))];
  return [
    reject(
      'invalid-port',
      `container ${name}: ${DYNAMIC_EXPORT} needs exactly one port mapping, it has ${containerPorts.length}; name the port with ${EXPORTER_LABELS.port}`,
    ),
  ];
}

/** What a label says; a label that is empty says nothing. */
const said = (labels: Labels, name: string): string | undefined => labels[name]?.trim() || undefined;

/**
 * One endpoint for each label with a port. What a suffix leaves out is what the labels without suffix say, unless those
 * have a port, and so an endpoint, of their own. Subsets of the CloudWatch agent share them always.
 */
function requestsOf(labels: Labels, family: LabelFamily): RequestedEndpoint[] {
  const ports = Object.keys(labels).filter(
    (label) => suffixOf(label, family.port) !== undefined && said(labels, label),
  );
  return ports.sort().map((label) => {
    const suffix = label.slice(family.port.length);
    const isSubset = family.sharedSuffix !== undefined && suffix.startsWith(family.sharedSuffix);
    const isShared = isSubset || !ports.includes(family.port);
    const of = (name: string) => said(labels, name + suffix) ?? (isShared ? said(labels, name) : undefined);
    const commonJob = family.commonJob === undefined ? undefined : said(labels, family.commonJob);
    return {
      port: said(labels, label),
      path: of(family.path),
      job: of(family.job) ?? commonJob,
      scheme: of(family.scheme),
    };
  });
}

/** ecs-sd scrapes their port on the host as it is, so in bridge mode they name the port there; or that of the container. */
function requestsOfAnnotations(labels: Labels): RequestedEndpoint[] {
  if (said(labels, ANNOTATIONS.scrape)?.toLowerCase() !== 'true') return [];
  const { port, path, scheme } = ANNOTATIONS;
  return [{ port: said(labels, port), path: said(labels, path), scheme: said(labels, scheme), mayBeHostPort: true }];
}

const dynamicRequest = (labels: Labels, port: number): RequestedEndpoint => ({
  port: String(port),
  path: said(labels, EXPORTER_LABELS.path),
  job: said(labels, EXPORTER_LABELS.job),
  scheme: said(labels, EXPORTER_LABELS.scheme),
});

/**
 * A container that is labelled for two tools means one endpoint by both: what one of them leaves out, the other says. Only
 * where they contradict each other there are two.
 */
function mergeFamilies(families: readonly (readonly RequestedEndpoint[])[]): RequestedEndpoint[] {
  let merged: RequestedEndpoint[] = [];
  for (const family of families) {
    const left = [...family];
    const completed = merged.map((known) => {
      const index = left.findIndex((request) => isSame(known, request));
      const [same] = index < 0 ? [] : left.splice(index, 1);
      return same === undefined ? known : complete(known, same);
    });
    merged = [...completed, ...left];
  }
  return merged;
}

const isSame = (a: RequestedEndpoint, b: RequestedEndpoint): boolean =>
  a.port !== undefined && a.port === b.port && agree(a.path, b.path) && agree(a.scheme, b.scheme);

const agree = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;

const complete = (known: RequestedEndpoint, same: RequestedEndpoint): RequestedEndpoint => ({
  port: known.port,
  path: known.path ?? same.path,
  job: known.job ?? same.job,
  scheme: known.scheme ?? same.scheme,
});
