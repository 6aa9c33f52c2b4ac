/** The CDK app: reads the settings, instantiates the stacks. */
import { App } from 'aws-cdk-lib';
import { readSettings } from './settings/read-settings.ts';
import { DiscoveryStack } from './stacks/discovery-stack.ts';

const app = new App();
const settings = readSettings(app.node.getAllContext());

new DiscoveryStack(app, settings.deployment, { settings });
