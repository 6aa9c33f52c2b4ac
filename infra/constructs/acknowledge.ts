/** Findings of cdk-nag that are meant to be so, each with its reason, where the finding is. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** @param reasons why, by the id of the rule, or of one finding of it as in `AwsSolutions-IAM5[Resource::*]` */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}
