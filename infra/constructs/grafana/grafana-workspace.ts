/** Amazon Managed Grafana that may query the metrics. People sign in through IAM Identity Center, which must exist. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Aws } from 'aws-cdk-lib';
import { CfnWorkspace } from 'aws-cdk-lib/aws-grafana';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PACKAGE_ROOT } from '../../build/package-root.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { GRAFANA_NAME } from '../../props/shapes.ts';
import type { MetricsWorkspace } from '../collector/workspace.ts';
import { GrafanaContents } from './grafana-contents.ts';

export interface GrafanaWorkspaceProps {
  /** Name of the Grafana workspace: letters, digits and -._~ */
  readonly name: string;
  /** The metrics that it may query, and that its data source queries. */
  readonly metrics: MetricsWorkspace;
  /**
   * Paths of files with a dashboard each, as JSON with a `uid`.
   * @default - those of docs/dashboards
   */
  readonly dashboards?: readonly string[];
  /**
   * How long the log of the function that makes data source and dashboards is kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

/** As ListVersions names it. A workspace is never taken back to an earlier one (user guide, "Update your workspace version"). */
const GRAFANA_VERSION = '12.4';

const DASHBOARDS = join(PACKAGE_ROOT, 'docs', 'dashboards');

const ownDashboards = (): string[] =>
  readdirSync(DASHBOARDS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(DASHBOARDS, file));

export class GrafanaWorkspace extends Construct {
  readonly workspaceId: string;
  /** Without `https://`. */
  readonly endpoint: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: GrafanaWorkspaceProps) {
    super(scope, id);
    refuse(this, misshapen(props, { name: GRAFANA_NAME }));
    const { name, metrics, dashboards = ownDashboards(), logRetention = RetentionDays.ONE_MONTH } = props;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('grafana.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'What Grafana may query',
    });
    metrics.grantQuery(this.role);
    const workspace = new CfnWorkspace(this, 'Resource', {
      name,
      accountAccessType: 'CURRENT_ACCOUNT',
      authenticationProviders: ['AWS_SSO'],
      // The role is ours, so that it may query this one workspace; Grafana's own could query all.
      permissionType: 'CUSTOMER_MANAGED',
      roleArn: this.role.roleArn,
      dataSources: ['PROMETHEUS'],
      grafanaVersion: GRAFANA_VERSION,
    });
    workspace.node.addDependency(this.role);
    this.workspaceId = workspace.attrId;
    this.endpoint = workspace.attrEndpoint;
    new GrafanaContents(this, 'Contents', {
      workspaceId: this.workspaceId,
      endpoint: this.endpoint,
      name,
      metrics,
      dashboards,
      logRetention,
    });
  }
}
