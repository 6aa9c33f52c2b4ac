/** A rule of the settings: tasks that match it are scraped without labels or tags of their own, or never. */
import * as z from 'zod/mini';
import { isFreeLabel, isLabelName } from '../target/labels.ts';
import { readMetricsPath } from './metrics-path.ts';
import { matchesPattern } from './pattern.ts';

const pattern = z.string().check(z.regex(/^[A-Za-z0-9_*-]+$/, 'letters, digits, "-", "_" and "*" only'));

const port = z.int().check(z.minimum(1), z.maximum(65535));
const PORTS = 'must be a port from 1 to 65535, or an array of them';

const isPath = (path: string): boolean => typeof readMetricsPath(path) !== 'string';

export const scrapeRuleShape = z
  .strictObject({
    /** ECS service name, `*` stands for any characters. */
    service: z.optional(pattern),
    /** Task definition family, `*` stands for any characters. */
    taskDefinition: z.optional(pattern),
    /** Container name, `*` stands for any characters. */
    container: z.optional(pattern),
    /** Container port of the metrics endpoint, or several: then those that a container maps, and all where none is mapped. */
    port: z.optional(z.union([port, z.array(port).check(z.minLength(1, PORTS))], PORTS)),
    /** Path of the metrics endpoint; default `/metrics`. */
    path: z.optional(
      z.string().check(z.refine(isPath, 'must be a path, if wanted with a query that labels can carry')),
    ),
    /** Default `http`. */
    scheme: z.optional(z.enum(['http', 'https'], 'must be http or https')),
    /** Parameters of the request's query. */
    params: z.optional(
      z.record(
        z.string().check(z.refine(isLabelName, 'a parameter has letters, digits and "_" only')),
        z.string().check(z.minLength(1)),
      ),
    ),
    /** Value of the `job` label. */
    job: z.optional(z.string().check(z.minLength(1))),
    /** Further labels of the targets. */
    labels: z.optional(
      z.record(
        z.string().check(z.refine(isFreeLabel, 'must be a label name that is neither reserved nor one of ours')),
        z.string().check(z.minLength(1)),
      ),
    ),
    /** The tasks, or the containers, that match are not scraped, whatever else says so. */
    exclude: z.optional(z.literal(true, 'must be true, or left out')),
  })
  .check(
    z.refine(
      ({ service, taskDefinition, container }) => (service ?? taskDefinition ?? container) !== undefined,
      'needs service, taskDefinition or container',
    ),
    z.refine((rule) => rule.exclude === true || rule.port !== undefined, { error: 'needs a port', path: ['port'] }),
    z.refine(
      ({ exclude, service, taskDefinition, container, ...others }) =>
        exclude !== true || Object.values(others).every((value) => value === undefined),
      'with exclude there can only be service, taskDefinition and container',
    ),
  );

export const RULE_KEYS: readonly string[] = Object.keys(scrapeRuleShape.def.shape);

export type ScrapeRule = z.infer<typeof scrapeRuleShape>;

/** What a rule may look at of a task. */
export interface RuleSubject {
  readonly service?: string;
  readonly family: string;
}

/** Whether a rule names this task; one with several patterns needs all of them to match. */
export const matchesRule = (rule: ScrapeRule, task: RuleSubject): boolean =>
  matches(rule.service, task.service) && matches(rule.taskDefinition, task.family);

/** Whether a rule means this container; one without a pattern for containers means all of them. */
export const matchesContainer = (rule: ScrapeRule, container: string): boolean => matches(rule.container, container);

function matches(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || (actual !== undefined && matchesPattern(wanted, actual));
}
