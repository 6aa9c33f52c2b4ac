/** The alert rules of this project in a workspace of Amazon Managed Service for Prometheus (AMP). */
import { CfnRuleGroupsNamespace } from 'aws-cdk-lib/aws-aps';
import { Construct } from 'constructs';
import { rulesFile } from '../../alert-rules/rules-file.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { RULES_NAME } from '../../props/shapes.ts';
import type { MetricsWorkspace } from '../collector/workspace.ts';

export interface AlertRulesProps {
  /** A workspace of this account and Region: CloudFormation makes rules nowhere else. */
  readonly workspace: MetricsWorkspace;
  /** Name of the rule groups namespace, unique in the workspace. Letters, digits and -._ */
  readonly name: string;
  /**
   * Address of docs/alerts/README.md, which each alert links to.
   * @default - its path in this repository
   */
  readonly page?: string;
}

/**
 * Rules alone notify nobody: the workspace needs an alert manager definition, see docs/alerts/README.md. Two deployments that
 * write to one workspace may each have the rules: their alerts are the same, and AMP keeps one of each.
 */
export class AlertRules extends Construct {
  constructor(scope: Construct, id: string, { workspace, name, page }: AlertRulesProps) {
    super(scope, id);
    refuse(this, misshapen({ name }, { name: RULES_NAME }));
    new CfnRuleGroupsNamespace(this, 'Resource', {
      // The reference says "ID"; the resource's schema takes an ARN only.
      workspace: workspace.workspaceArn,
      name,
      data: rulesFile(page === undefined ? {} : { page }),
    });
  }
}
