/** Findings of cdk-nag that are meant to be so, each with its reason, where the finding is. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** @param reasons why, by the id of the rule, or of one finding of it as in `AwsSolutions-IAM5[Action::s3:*]` */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** Says of each of these resources, and of no other, why a role may have it although it holds a `*`. */
export function acknowledgeWildcards({ grantPrincipal }: IGrantable, resourceArns: string[], reason: string): void {
  if (!Construct.isConstruct(grantPrincipal)) return;
  for (const arn of resourceArns) {
    const finding = `AwsSolutions-IAM5[Resource::${flat(Stack.of(grantPrincipal).resolve(arn))}]`;
    acknowledge(grantPrincipal, { [finding]: reason });
  }
}

/** An ARN as cdk-nag writes it: `<AWS::Region>` for a reference, `<Function.Arn>` for an attribute. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: reference } = value as Readonly<Record<string, unknown[]>>;
  if (join !== undefined) return (join[1] as unknown[]).map(flat).join(String(join[0]));
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  return `<${String(reference)}>`;
}
