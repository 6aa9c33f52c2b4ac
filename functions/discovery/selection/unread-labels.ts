/** Docker labels that look like ours and have no effect: misspelt, without an endpoint they could belong to, or empty. */
import { nearest } from '../nearest.ts';
import type { Labels } from '../target/labels.ts';
import type { ContainerDefinition } from '../task/task-definition.ts';
import {
  ANNOTATIONS,
  DYNAMIC_EXPORT,
  EXPORTER_LABELS,
  LABEL_FAMILIES,
  type LabelFamily,
  NOT_READ,
  suffixOf,
} from './docker-label-names.ts';
import { labelMeant, looksLikeOurs } from './label-meant.ts';
import { matchesPattern } from './pattern.ts';
import { type Warning, warn } from './warning.ts';

/** What was found in a container: comparing names takes a millisecond a task, and a revision never changes. */
const remembered = new WeakMap<ContainerDefinition, { readonly carried: string; readonly warnings: Warning[] }>();

/** @param carried names of docker labels that are labels of the targets, and so have an effect whatever they look like */
export function unreadLabels(container: ContainerDefinition, carried: readonly string[]): Warning[] {
  const known = remembered.get(container);
  const key = carried.join(',');
  if (known?.carried === key) return known.warnings;
  const warnings = findUnread(container, carried);
  remembered.set(container, { carried: key, warnings });
  return warnings;
}

function findUnread({ name: container, dockerLabels }: ContainerDefinition, carried: readonly string[]): Warning[] {
  return Object.keys(dockerLabels)
    .filter((label) => !carried.some((pattern) => matchesPattern(pattern, label)))
    .sort()
    .flatMap((label) => {
      const problem = problemOf(label, dockerLabels);
      return problem === undefined ? [] : [warn(`container ${container}: the docker label ${label} ${problem}`)];
    });
}

function problemOf(label: string, labels: Labels): string | undefined {
  const instead = NOT_READ[label.toUpperCase()];
  if (instead !== undefined) return `is not read: ${instead}`;
  if (label === DYNAMIC_EXPORT) return problemOfDynamicExport(labels[label] ?? '');
  if (Object.values<string>(ANNOTATIONS).includes(label)) return problemOfAnnotation(label, labels);
  for (const family of LABEL_FAMILIES) {
    if (suffixOf(label, family.port) !== undefined) {
      return labels[label]?.trim() ? undefined : 'is empty, so it selects nothing';
    }
    const name = [family.path, family.job, family.scheme].find((one) => suffixOf(label, one) !== undefined);
    if (name !== undefined) return problemOfCompanion(label, name, family, labels);
  }
  if (!looksLikeOurs(label)) return undefined;
  const meant = labelMeant(label, suffixedNames(labels));
  return `is not one that is read${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function problemOfDynamicExport(value: string): string | undefined {
  return ['', '0', '1', 'false'].includes(value.trim()) ? undefined : `has to be 1 to have an effect, not "${value}"`;
}

function problemOfAnnotation(label: string, labels: Labels): string | undefined {
  const value = labels[ANNOTATIONS.scrape];
  if (value === undefined) return `has no effect without ${ANNOTATIONS.scrape}=true`;
  const isBoolean = ['true', 'false', ''].includes(value.trim().toLowerCase());
  return label === ANNOTATIONS.scrape && !isBoolean ? `has to be true to have an effect, not "${value}"` : undefined;
}

/** A path, job or scheme needs a port that it is for: one with its suffix, or, where it has none, any. */
function problemOfCompanion(label: string, name: string, family: LabelFamily, labels: Labels): string | undefined {
  const suffix = label.slice(name.length);
  if (family.port + suffix in labels) return undefined;
  const others = suffixesOf(family, labels);
  if (suffix === '' && (others.length > 0 || (DYNAMIC_EXPORT in labels && family === EXPORTER_LABELS)))
    return undefined;
  const meant = suffix === '' ? undefined : nearest(suffix, others);
  return `has no effect without ${family.port}${suffix}${meant === undefined ? '' : `; did you mean ${name}${meant}?`}`;
}

const suffixesOf = (family: LabelFamily, labels: Labels): string[] =>
  Object.keys(labels).flatMap((label) => suffixOf(label, family.port) ?? []);

const suffixedNames = (labels: Labels): string[] =>
  LABEL_FAMILIES.flatMap((family) =>
    suffixesOf(family, labels).flatMap((suffix) => [family.path + suffix, family.job + suffix, family.scheme + suffix]),
  );
