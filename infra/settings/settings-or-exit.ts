import type { Target } from './contradictions.ts';
import { readSettings, SettingsError } from './read-settings.ts';
import type { Settings } from './settings.ts';

/** Reads the settings for a command line: problems are printed without a stack trace, and end the process with status 1. */
export function settingsOrExit(context: Readonly<Record<string, unknown>>, target?: Target): Settings {
  try {
    return readSettings(context, target);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
