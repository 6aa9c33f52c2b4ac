/** The path of a metrics endpoint as people write it: with or without its slash, sometimes with a query. */
import { isLabelName, type Labels } from '../target/labels.ts';

interface MetricsPath {
  readonly path: string;
  /** Parameters of the query. Prometheus takes them as labels `__param_…`; a `?` in the path it would escape. */
  readonly params: Labels;
}

/** Reads a path, or says what is wrong with it in words that complete "the metrics path …". */
export function readMetricsPath(text: string): MetricsPath | string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return `must be a path such as /metrics, not the URL "${text}"`;
  if (text.includes('#')) return `must have no fragment: "${text}"`;
  const [path = '', ...rest] = text.split('?');
  const params: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rest.join('?'))) {
    if (!isLabelName(name)) {
      return `has the parameter "${name}", which no label can carry: only letters, digits and "_" can be in its name`;
    }
    if (value === '') return `has the parameter "${name}" without a value, which no label can carry`;
    if (name in params) return `has the parameter "${name}" twice, and a label carries one value`;
    params[name] = value;
  }
  // As Prometheus itself does with a path without one.
  return { path: path.startsWith('/') ? path : `/${path}`, params };
}
