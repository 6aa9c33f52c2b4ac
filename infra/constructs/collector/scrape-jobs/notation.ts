/** How the two programs that read a scrape configuration want text and secrets to be written. */
import type { SecretValue, SecretVariables } from './secret-value.ts';

export interface Notation {
  /** Text that means itself. */
  readonly text: (value: string) => string;
  /** The value of a variable of the environment, whatever it is. */
  readonly secret: (variable: string) => string;
}

/** An expression of the OpenTelemetry Collector for the value of an environment variable. */
export const fromEnvironment = (variable: string): string => ['$', `{env:${variable}}`].join('');

/** A variable that is alone in a value is read as YAML: `0123` would become a number, and what follows ` #` a comment. */
const AS_TEXT = fromEnvironment('AS_TEXT:-');

/** The OpenTelemetry Collector expands `$…` everywhere; a dollar that means itself is doubled. */
export const FOR_COLLECTOR: Notation = {
  text: (value) => value.replaceAll('$', '$$$$'),
  secret: (variable) => `${fromEnvironment(variable)}${AS_TEXT}`,
};

/** Prometheus itself expands nothing. */
export const forPrometheus = (environment: Readonly<Record<string, string>> = {}): Notation => ({
  text: (value) => value,
  secret: (variable) => environment[variable] ?? '',
});

const isSecretValue = (value: unknown): value is SecretValue =>
  typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string';

const named = (index: number): string => `SCRAPE_SECRET_${index + 1}`;
const same = (one: SecretValue, other: SecretValue): boolean =>
  one.secret === other.secret && one.field === other.field;

function secretsIn(value: unknown): readonly SecretValue[] {
  if (isSecretValue(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/** What all these jobs take from Secrets Manager, each once. */
const distinctSecrets = (jobs: unknown): readonly SecretValue[] => {
  const all = secretsIn(jobs);
  return all.filter((one, index) => all.findIndex((other) => same(one, other)) === index);
};

/** Variables for the secrets of these jobs. */
export const secretVariables = (jobs: unknown): SecretVariables =>
  Object.fromEntries(distinctSecrets(jobs).map((secret, index) => [named(index), secret]));

/** A part of the jobs with its text and its secrets as the program wants them. */
export function inNotation(part: unknown, jobs: unknown, notation: Notation): unknown {
  const secrets = distinctSecrets(jobs);
  const written = (value: unknown): unknown => {
    if (typeof value === 'string') return notation.text(value);
    if (isSecretValue(value)) return notation.secret(named(secrets.findIndex((one) => same(one, value))));
    if (Array.isArray(value)) return value.map(written);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, written(item)]));
  };
  return written(part);
}
