/** Data source and dashboards of a Grafana workspace. CloudFormation has no resources for them, so a function makes them. */
import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { GrafanaProvisioningProperties } from '../../../functions/discovery/names.ts';
import type { MetricsWorkspace } from '../collector/workspace.ts';
import { DiscoveryFunction } from '../discovery-function.ts';

const TIMEOUT = Duration.minutes(5);

export interface GrafanaContentsProps {
  readonly workspaceId: string;
  /** Without `https://`. */
  readonly endpoint: string;
  /** Name of the data source. */
  readonly name: string;
  /** The metrics that the data source queries; the role of the workspace has to be allowed to. */
  readonly metrics: MetricsWorkspace;
  /** Paths of files with a dashboard each, as JSON with a `uid`. */
  readonly dashboards: readonly string[];
  readonly logRetention: RetentionDays;
}

export class GrafanaContents extends Construct {
  constructor(scope: Construct, id: string, props: GrafanaContentsProps) {
    super(scope, id);
    const { workspaceId, endpoint, name, metrics, logRetention } = props;
    const lambda = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/lambda/grafana-provisioning.ts',
      description: 'Makes the data source and the dashboards of a Grafana workspace.',
      timeout: TIMEOUT,
      serviceName: 'grafana-provisioning',
      logRetention,
    });
    // The name of an asset is the hash of its content: another dashboard is another property, and is brought in.
    const assets = props.dashboards.map((path, index) => new Asset(this, `Dashboard${index}`, { path }));
    const allow = (actions: string[], resources: string[]) =>
      lambda.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(
      ['s3:GetObject'],
      assets.map(({ bucket, s3ObjectKey }) => bucket.arnForObjects(s3ObjectKey)),
    );
    allow(
      ['CreateWorkspaceServiceAccount', 'CreateWorkspaceServiceAccountToken', 'DeleteWorkspaceServiceAccount'].map(
        (operation) => `grafana:${operation}`,
      ),
      [
        Stack.of(this).formatArn({
          service: 'grafana',
          resource: '/workspaces',
          resourceName: workspaceId,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ],
    );
    const properties: GrafanaProvisioningProperties = {
      WorkspaceId: workspaceId,
      Url: `https://${endpoint}`,
      DataSource: { name, uid: 'amp', url: metrics.endpoint, region: metrics.region },
      Dashboards: assets.map(({ s3BucketName, s3ObjectKey }) => `s3://${s3BucketName}/${s3ObjectKey}`),
    };
    new CustomResource(this, 'Resource', {
      serviceToken: lambda.functionArn,
      resourceType: 'Custom::GrafanaContents',
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties: { ...properties },
    });
  }
}
