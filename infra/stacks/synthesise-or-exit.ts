import type { App } from 'aws-cdk-lib';
import { exceededLimits } from './template-limits.ts';

/** Synthesises for a command line: stacks that AWS would refuse are named without a stack trace, with status 1. */
export function synthesiseOrExit(app: App): void {
  const { stacks } = app.synth();
  const problems = stacks.flatMap(({ stackName, template }) => exceededLimits(stackName, template));
  if (problems.length === 0) return;
  console.error(['This is too large to deploy:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  process.exit(1);
}
