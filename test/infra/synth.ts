/** Synthesises the app for a test, without an account and without Docker. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { appWith, type Context } from '../../infra/stacks/app-with.ts';

export type { Context } from '../../infra/stacks/app-with.ts';

/** An app with the stacks that these settings ask for, not synthesised yet. */
export const appOf = (settings: Context): App => appWith(settings, join(FOLDER, String(count++)));

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
