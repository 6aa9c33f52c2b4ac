/** Amazon Managed Grafana that may query the metrics. People sign in through IAM Identity Center, which must exist. */
import { Aws } from 'aws-cdk-lib';
import { CfnWorkspace } from 'aws-cdk-lib/aws-grafana';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { grantQuery, type MetricsWorkspace } from './workspace.ts';

export interface GrafanaWorkspaceProps {
  /** Name of the Grafana workspace: letters, digits and -._~ */
  readonly name: string;
  /** The metrics that it may query. */
  readonly metrics: MetricsWorkspace;
}

export class GrafanaWorkspace extends Construct {
  readonly workspaceId: string;
  /** Without `https://`. */
  readonly endpoint: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, { name, metrics }: GrafanaWorkspaceProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('grafana.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'What Grafana may query',
    });
    grantQuery(metrics, this.role);
    const workspace = new CfnWorkspace(this, 'Resource', {
      name,
      accountAccessType: 'CURRENT_ACCOUNT',
      authenticationProviders: ['AWS_SSO'],
      // The role is ours, so that it may query this one workspace; Grafana's own could query all.
      permissionType: 'CUSTOMER_MANAGED',
      roleArn: this.role.roleArn,
      dataSources: ['PROMETHEUS'],
    });
    workspace.node.addDependency(this.role);
    this.workspaceId = workspace.attrId;
    this.endpoint = workspace.attrEndpoint;
  }
}
