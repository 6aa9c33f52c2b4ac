/** The app of this project for programs: with the feature flags of `cdk.json`, and with settings that are given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { PACKAGE_ROOT } from '../build/package-root.ts';
import { readSettings } from '../settings/read-settings.ts';
import { addStacks } from './stacks.ts';

export type Context = Readonly<Record<string, unknown>>;

/** The feature flags that the deployed app has. */
const FLAGS: Context = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'cdk.json'), 'utf8')).context;

/**
 * An app with the stacks that these settings ask for, not synthesised yet.
 *
 * @throws SettingsError
 */
export function appWith(settings: Context, outdir: string): App {
  const app = new App({ outdir, context: { ...FLAGS, ...settings }, analyticsReporting: false });
  addStacks(app, readSettings(app.node.getAllContext()));
  return app;
}
