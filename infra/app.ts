/** The CDK app: reads the settings, instantiates the stacks. */
import { App } from 'aws-cdk-lib';
import { settingsOrExit } from './settings/settings-or-exit.ts';
import { DiscoveryStack } from './stacks/discovery-stack.ts';

const app = new App();
const settings = settingsOrExit(app.node.getAllContext());

new DiscoveryStack(app, settings.deployment, { settings });
