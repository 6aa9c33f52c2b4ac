/** Values of one stack that others of this app use. */
import { type Stack, Token } from 'aws-cdk-lib';

/**
 * Exports values whether or not another stack uses them under these settings. CDK exports only what is used; but the stack
 * that exports is deployed first, and CloudFormation refuses to take an export away while the other stack, not yet
 * deployed, imports it: `-c workload=false` would fail. Values that are no attribute of a resource need no export.
 */
export function keepExported(stack: Stack, values: readonly (string | undefined)[]): void {
  for (const value of values) if (Token.isUnresolved(value)) stack.exportValue(value);
}
