/** Where the metrics go: a workspace of Amazon Managed Service for Prometheus (AMP), a new one or one that exists. */
import { ArnFormat, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { misshapen, refuse } from '../../props/problems.ts';
import { WORKSPACE_ALIAS } from '../../props/shapes.ts';
import { alertManagerDefinition, letPublish } from '../monitoring/alert-topic.ts';

/** A workspace, as far as one writes to it and reads from it. */
export interface MetricsWorkspace {
  readonly workspaceArn: string;
  readonly region: string;
  /** Base URL of its Prometheus API, without a slash at the end. */
  readonly endpoint: string;
  /** Allows to send metrics, and nothing else. */
  grantRemoteWrite(grantee: IGrantable): Grant;
  /** Allows to query metrics. */
  grantQuery(grantee: IGrantable): Grant;
}

export interface WorkspaceProps {
  /** Name of the workspace for people. */
  readonly alias: string;
  /**
   * What becomes of the workspace, with all its metrics, when its stack is destroyed.
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE - it stays, except when the deployment that makes it fails
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Topic of the same account that alerts are sent to. An imported one has to let `aps.amazonaws.com` publish.
   * @default - alerts notify nobody
   */
  readonly alertTopic?: ITopic;
}

/** Metrics cannot be made again; an empty workspace of a deployment that failed helps nobody. */
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** A new workspace. */
export class Workspace extends Construct implements MetricsWorkspace {
  readonly workspaceArn: string;
  readonly region: string;
  readonly endpoint: string;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    refuse(this, misshapen(props, { alias: WORKSPACE_ALIAS }));
    const { alias, removalPolicy = KEPT, alertTopic } = props;
    const workspace = new CfnWorkspace(this, 'Resource', {
      alias,
      ...(alertTopic !== undefined && { alertManagerDefinition: alertManagerDefinition(alertTopic) }),
    });
    workspace.applyRemovalPolicy(removalPolicy);
    if (alertTopic !== undefined) letPublish(workspace, alertTopic);
    this.workspaceArn = workspace.attrArn;
    this.region = Stack.of(this).region;
    this.endpoint = endpointOf(this, this.region, workspace.attrWorkspaceId);
  }

  grantRemoteWrite(grantee: IGrantable): Grant {
    return allow(REMOTE_WRITE, grantee, this.workspaceArn);
  }

  grantQuery(grantee: IGrantable): Grant {
    return allow(QUERY, grantee, this.workspaceArn);
  }
}

/** A workspace of this account that exists: its id, as in `ws-…`, and its Region where that is not the stack's. */
export function existingWorkspace(scope: Construct, workspaceId: string, region?: string): MetricsWorkspace {
  const stack = Stack.of(scope);
  const home = region ?? stack.region;
  const workspaceArn = stack.formatArn({
    service: 'aps',
    region: home,
    resource: 'workspace',
    resourceName: workspaceId,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  return {
    region: home,
    workspaceArn,
    endpoint: endpointOf(scope, home, workspaceId),
    grantRemoteWrite: (grantee) => allow(REMOTE_WRITE, grantee, workspaceArn),
    grantQuery: (grantee) => allow(QUERY, grantee, workspaceArn),
  };
}

function endpointOf(scope: Construct, region: string, workspaceId: string): string {
  // A Region that is only known at deployment is the stack's own, and so is its suffix.
  const suffix =
    Token.isUnresolved(region) || !region.startsWith('cn-') ? Stack.of(scope).urlSuffix : 'amazonaws.com.cn';
  return `https://aps-workspaces.${region}.${suffix}/workspaces/${workspaceId}`;
}

/** The URL that collectors send to. */
export const remoteWriteUrl = ({ endpoint }: MetricsWorkspace): string => `${endpoint}/api/v1/remote_write`;

const REMOTE_WRITE: readonly string[] = ['aps:RemoteWrite'];
const QUERY: readonly string[] = ['aps:QueryMetrics', 'aps:GetLabels', 'aps:GetSeries', 'aps:GetMetricMetadata'];

const allow = (actions: readonly string[], grantee: IGrantable, workspaceArn: string): Grant =>
  Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [workspaceArn] });
