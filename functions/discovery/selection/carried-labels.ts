/** Docker labels that become labels of a target, because the settings name them. */
import { isFreeLabel, LABELS, type Labels } from '../target/labels.ts';
import { matchesPattern } from './pattern.ts';

/**
 * The docker labels that a list of names carries to the target; `*` in a name stands for any characters. Their names are
 * made fit for Prometheus as the ECS observer does it, with `_` for what a label name cannot hold. A label of ours, a
 * reserved one, and one without a value are left out.
 */
export function carriedLabels(dockerLabels: Labels, carried: readonly string[]): Labels {
  const entries = Object.entries(dockerLabels)
    .filter(([name, value]) => value.trim() !== '' && carried.some((pattern) => matchesPattern(pattern, name)))
    .map(([name, value]) => [labelNameOf(name), value] as const)
    .filter(([name]) => isFreeLabel(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** Whether a name of the list can name a label at all; it cannot where that label is one of ours, or a reserved one. */
export const isCarriable = (pattern: string): boolean =>
  pattern.includes('*') || pattern === LABELS.job || isFreeLabel(labelNameOf(pattern));

/** The job that a docker label names, if the list carries it. */
export function carriedJob(dockerLabels: Labels, carried: readonly string[]): string | undefined {
  const isCarried = carried.some((pattern) => matchesPattern(pattern, LABELS.job));
  return isCarried ? dockerLabels[LABELS.job]?.trim() || undefined : undefined;
}

/** The name of a docker label or a tag as Prometheus can hold it. */
const labelNameOf = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
