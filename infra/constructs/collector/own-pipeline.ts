/**
 * A pipeline of the user: a configuration of the OpenTelemetry Collector with placeholders, `${discovery:…}`, for what
 * only this project knows. It is checked when the app is synthesised; the collector itself checks the rest at its start.
 */
import { parseDocument } from 'yaml';
import { lossesOf, structureProblems } from './pipeline-checks.ts';
import { PLACEHOLDER_NAMES, type PlaceholderValues, placeholder } from './placeholders.ts';
import { FOR_COLLECTOR } from './scrape-jobs/notation.ts';
import { SCRAPE_DEFAULTS, type ScrapeSettings, scrapeConfigs } from './scrape-jobs/scrape-configs.ts';

/** A dollar before it makes it text, as the collector has it. */
const PLACEHOLDER = /(?<!\$)\$\{discovery:([^}]*)\}/g;
/** A variable without a value for where it is not set. */
const VARIABLE = /(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Variables that ECS sets (Amazon ECS developer guide, "Amazon ECS environment variables"). */
const OF_ECS = /^(AWS|ECS)_/;

/** The value of `scrape_configs`. Each job says its interval by itself, whatever is under `global` there. */
export function listedJobs(settings: ScrapeSettings): string {
  const { scrapeIntervalSeconds } = { ...SCRAPE_DEFAULTS, ...settings };
  const jobs = scrapeConfigs(settings, FOR_COLLECTOR);
  return JSON.stringify(jobs.map((job) => ({ scrape_interval: `${scrapeIntervalSeconds}s`, ...job })));
}

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
    ...structureProblems(configuration, values.health_check_port),
  ];
  return {
    pipeline,
    problems,
    losses: problems.length > 0 ? [] : lossesOf(configuration, values.remote_write_endpoint),
  };
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
