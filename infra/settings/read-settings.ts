/** Reads the settings from CDK context, strictly: a misspelt name or a bad value is an error, and all are reported at once. */

import { nearest, plain } from '../../functions/discovery/nearest.ts';
import { BadValue } from '../props/shape.ts';
import { contradictions, type Target } from './contradictions.ts';
import { type Basis, SETTINGS, type Setting, type SettingName, type Settings } from './settings.ts';

/** Context that is not as it should be. The message has one line a problem, each with the name of the setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(['The settings have problems:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

const NAMES = Object.keys(SETTINGS);

/**
 * Keys of other people in the same context: feature flags (`@aws-cdk/…`), look-ups (`vpc-provider:…`), the CLI's own
 * words (`cli-telemetry`). A setting is a plain word, or a word that only differs from one in hyphens and case.
 */
const looksLikeSetting = (key: string): boolean =>
  /^[A-Za-z][A-Za-z0-9]*$/.test(key) || NAMES.some((name) => plain(name) === plain(key));

/**
 * @param target where the app is deployed, where that is known
 * @throws SettingsError
 */
export function readSettings(context: Readonly<Record<string, unknown>>, target: Target = {}): Settings {
  const problems = Object.keys(context).flatMap((key) => unknownKey(key));
  const given = <Name extends SettingName>(name: Name): unknown => context[name] ?? undefined;

  function read<T>(name: SettingName, { shape, fallback }: Setting<T>, basis: Basis): T {
    const raw = given(name);
    try {
      return raw === undefined ? fallback(basis) : shape(raw);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      problems.push(`${name} ${error.message}`);
      return fallback(basis);
    }
  }

  const nothing: Basis = { deployment: '', ownCluster: given('clusters') === undefined, collector: false };
  const basis: Basis = {
    ...nothing,
    deployment: read('deployment', SETTINGS.deployment, nothing),
    collector: read('collector', SETTINGS.collector, nothing),
  };
  const entries = Object.entries<Setting<unknown>>(SETTINGS)
    .filter(([name]) => !(name in basis))
    .map(([name, setting]) => [name, read(name as SettingName, setting, basis)]);
  const settings = { ...basis, ...Object.fromEntries(entries) } as Settings;

  if (problems.length === 0) problems.push(...contradictions(settings, target));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function unknownKey(key: string): string[] {
  if (NAMES.includes(key) || !looksLikeSetting(key)) return [];
  const meant = nearest(key, NAMES);
  return [
    `${key} is not a setting${meant === undefined ? '; docs/settings.md lists them' : `; did you mean ${meant}?`}`,
  ];
}
