/** The CDK app: reads the settings, instantiates the stacks. */
import { App } from 'aws-cdk-lib';
import { settingsOrExit } from './settings/settings-or-exit.ts';
import { addStacks } from './stacks/stacks.ts';

const app = new App();
addStacks(app, settingsOrExit(app.node.getAllContext()));
