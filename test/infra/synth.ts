/** Synthesises the app for a test, without an account and without Docker. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { readSettings } from '../../infra/settings/read-settings.ts';
import { addStacks } from '../../infra/stacks/stacks.ts';

export type Context = Readonly<Record<string, unknown>>;

/** The feature flags that the deployed app has. */
const FLAGS: Context = JSON.parse(readFileSync(join(PROJECT_ROOT, 'cdk.json'), 'utf8')).context;

/** An app with the stacks that these settings ask for, not synthesised yet. */
export function appOf(settings: Context): App {
  const app = new App({
    outdir: join(FOLDER, String(count++)),
    context: { ...FLAGS, ...settings },
    analyticsReporting: false,
  });
  addStacks(app, readSettings(app.node.getAllContext()));
  return app;
}

/** The templates by the names of their stacks, and where they are. */
export interface Synthesised {
  readonly assembly: CloudAssembly;
  readonly stacks: Readonly<Record<string, Template>>;
}

export function synthesise(settings: Context): Synthesised {
  const assembly = appOf(settings).synth();
  return {
    assembly,
    stacks: Object.fromEntries(
      assembly.stacks.map((stack) => [stack.stackName, Template.fromJSON(structuredClone(stack.template))]),
    ),
  };
}

/** Every Jest file has a folder of its own, and removes it at its end. */
const FOLDER = join(
  PROJECT_ROOT,
  '.local',
  'test',
  `synth-${process.pid}-${process.env['JEST_WORKER_ID'] ?? '0'}-${Date.now()}`,
);
let count = 0;

export const removeSynthesised = (): Promise<void> => rm(FOLDER, { recursive: true, force: true });
