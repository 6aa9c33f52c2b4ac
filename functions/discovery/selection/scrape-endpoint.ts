/** A metrics endpoint that somebody asks for, and how the words that ask for it are read. */
import type { Labels } from '../target/labels.ts';
import { readMetricsPath } from './metrics-path.ts';
import { type Rejection, reject } from './rejection.ts';
import type { Warning } from './warning.ts';

/** A metrics endpoint inside a task, before ports are mapped to the host. */
export interface ScrapeEndpoint {
  /** Container that serves it; absent where only the task is known (tags, rules). */
  readonly container?: string;
  readonly containerPort: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly job?: string;
  /** Parameters of the request's query. */
  readonly params?: Labels;
  /** Further labels of its target. */
  readonly labels?: Labels;
  /** Where no container has this port, it may be one of the host already, in bridge mode. */
  readonly mayBeHostPort?: boolean;
  /** The container has a port mapping for this port; of two that claim one address and port, it is the one that serves. */
  readonly isMapped?: boolean;
}

export interface Selection {
  readonly endpoints: readonly ScrapeEndpoint[];
  /** Endpoints that were asked for but cannot be scraped; they never hinder their neighbours. */
  readonly rejections: readonly Rejection[];
  /** What is written beside them and has no effect. */
  readonly warnings: readonly Warning[];
}

/** An endpoint in the words of a label, a tag or a rule. Empty words mean the default, as Terraform modules write them. */
export interface RequestedEndpoint {
  readonly container?: string;
  readonly port: string | undefined;
  readonly path?: string | undefined;
  readonly job?: string | undefined;
  readonly scheme?: string | undefined;
  readonly params?: Labels | undefined;
  readonly labels?: Labels | undefined;
  readonly mayBeHostPort?: boolean;
  readonly isMapped?: boolean;
}

const DEFAULT_PATH = '/metrics';
const MAX_PORT = 65_535;

/** Reads what was asked for, or says what is wrong with it. */
export function readEndpoint(requested: RequestedEndpoint): ScrapeEndpoint | Rejection {
  const { container, job, params = {}, labels = {} } = requested;
  const where = container === undefined ? '' : `container ${container}: `;
  const port = requested.port?.trim() ?? '';
  const containerPort = Number(port);
  if (port === '') return reject('invalid-port', `${where}something asks for metrics, but names no port`);
  if (!/^\d+$/.test(port) || containerPort < 1 || containerPort > MAX_PORT) {
    return reject('invalid-port', `${where}the metrics port must be a number from 1 to 65535, not "${port}"`);
  }
  const path = readMetricsPath(requested.path?.trim() || DEFAULT_PATH);
  if (typeof path === 'string') return reject('invalid-path', `${where}the metrics path ${path}`);
  const scheme = requested.scheme?.trim().toLowerCase() || 'http';
  if (scheme !== 'http' && scheme !== 'https') {
    return reject('invalid-scheme', `${where}the scheme must be http or https, not "${requested.scheme}"`);
  }
  const query = { ...path.params, ...params };
  return {
    containerPort,
    path: path.path,
    scheme,
    ...(container !== undefined && { container }),
    ...(job?.trim() && { job: job.trim() }),
    ...(Object.keys(query).length > 0 && { params: query }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(requested.mayBeHostPort && { mayBeHostPort: true }),
    ...(requested.isMapped && { isMapped: true }),
  };
}

/** Sorts what was found into its kinds. */
export function selectionOf(
  found: readonly (ScrapeEndpoint | Rejection)[],
  warnings: readonly Warning[] = [],
): Selection {
  return {
    endpoints: found.filter((it): it is ScrapeEndpoint => 'containerPort' in it),
    rejections: found.filter((it): it is Rejection => 'reason' in it),
    warnings,
  };
}
