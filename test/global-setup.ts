import { buildBundles } from '../infra/build/build-bundles.ts';

/** Before all tests, in the process that starts those that run them. */
export default async function globalSetup(): Promise<void> {
  // CDK's own linting of each synthesis only prints, which no test reads, and takes some ten seconds of every test file.
  // `npm run synth` does it, and test/infra/matrix.test.ts has the templates linted by cfn-lint and cdk-nag.
  process.env['CDK_VALIDATION'] = 'false';
  await buildBundles();
}
