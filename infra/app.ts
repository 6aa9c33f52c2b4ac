/** The CDK app: reads the settings, instantiates the stacks. */
import { App } from 'aws-cdk-lib';
import { buildBundles } from './build/build-bundles.ts';
import { settingsOrExit } from './settings/settings-or-exit.ts';
import { addStacks } from './stacks/stacks.ts';

// So that `cdk` deploys the sources as they are, without a step that could be forgotten.
await buildBundles();

const app = new App();
addStacks(app, settingsOrExit(app.node.getAllContext()));
