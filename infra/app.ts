/** The CDK app: reads the settings, instantiates the stacks, counts what AWS limits. */
import { App, STACK_RESOURCE_LIMIT_CONTEXT } from 'aws-cdk-lib';
import { buildBundles } from './build/build-bundles.ts';
import { settingsOrExit } from './settings/settings-or-exit.ts';
import { addStacks } from './stacks/stacks.ts';
import { synthesiseOrExit } from './stacks/synthesise-or-exit.ts';

// So that `cdk` deploys the sources as they are, without a step that could be forgotten.
await buildBundles();

// CDK would throw at too many resources; synthesiseOrExit counts them, and says what to change.
const app = new App({ context: { [STACK_RESOURCE_LIMIT_CONTEXT]: 0 } });
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
addStacks(app, settingsOrExit(app.node.getAllContext(), { account, region }));
synthesiseOrExit(app);
