/** What is deployed in another account or Region, so that a deployment can watch clusters there. */
import { Stack, Token } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { sourceRoleName, WATCHER_TAG } from '../../../functions/discovery/names.ts';
import { broken } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { EVENT_BUS_ARN, EXTERNAL_ID } from '../../props/shapes.ts';
import { deadLetterQueue } from '../encrypted-queue.ts';
import {
  grantDescribeClusters,
  grantDescribeScraping,
  grantDescribeServices,
  grantDescribeTasks,
  grantListTasks,
} from '../observe/ecs-access.ts';
import { RUNNING, STOPPING, taskChanges } from '../observe/task-changes.ts';
import { problemOfPlace, problemsOfClusters, problemsOfPartition, type WatchedCluster } from '../watched-cluster.ts';

export interface EcsClusterSourceProps {
  /** ECS clusters of the account and Region of this stack, at least one (see `ClusterByName`). */
  readonly clusters: readonly WatchedCluster[];
  /**
   * ARN of the event bus of the deployment that watches them: the output `SourcesBus` of its stack,
   * `arn:aws:events:<region>:<account>:event-bus/<deployment>`.
   */
  readonly forwardTo: string;
  /**
   * External id by which the deployment assumes the role: its setting `externalId`.
   * @default - the name of the deployment
   */
  readonly externalId?: string | undefined;
  /**
   * Whether the deployment makes labels from tags of services and clusters (`tagLabels`, `metaLabels`).
   * @default false
   */
  readonly readsTags?: boolean;
}

/** Forwards the task events of clusters, and has a role by which the deployment looks at their tasks; writes nothing. */
export class EcsClusterSource extends Construct {
  /** By which the deployment looks at the clusters. */
  readonly role: Role;
  readonly rule: Rule;
  /** Where events end that could not be forwarded within a day. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: EcsClusterSourceProps) {
    super(scope, id);
    const { clusters, forwardTo, readsTags = false } = props;
    const stack = Stack.of(this);
    refuse(this, problemsOf(props));
    const [, , , region = '', account = '', bus = ''] = forwardTo.split(':');
    const deployment = bus.slice(bus.indexOf('/') + 1);
    refuse(this, [
      ...clusters.flatMap((cluster) => problemOfPlace(this, cluster) ?? []),
      ...problemsOfPartition(this, { forwardTo }),
      ...(stack.account === account && stack.region === region
        ? ['forwardTo is in this account and Region: the deployment there watches clusters here by name']
        : []),
    ]);
    this.role = new Role(this, 'Role', {
      roleName: sourceRoleName(deployment, stack.region),
      description: `Lets ${deployment} in account ${account} look at the tasks of ECS clusters, for Prometheus.`,
      assumedBy: new AccountPrincipal(account).withConditions({
        StringEquals: {
          'sts:ExternalId': props.externalId ?? deployment,
          // Of that account, the functions of the deployment alone, and whom it gives the same tag.
          [`aws:PrincipalTag/${WATCHER_TAG}`]: deployment,
        },
      }),
    });
    grantDescribeTasks(this.role, clusters);
    grantDescribeScraping(this.role, clusters);
    grantListTasks(this.role, clusters);
    if (readsTags) {
      grantDescribeServices(this.role, clusters);
      grantDescribeClusters(this.role, clusters);
    }
    this.undelivered = deadLetterQueue(this, 'Undelivered');
    this.rule = new Rule(this, 'Rule', {
      description: `Forwards changes of ECS tasks to ${deployment} in account ${account}, ${region}.`,
      eventPattern: taskChanges(clusters, { $or: [...STOPPING.$or, RUNNING] }),
      targets: [
        new EventBusTarget(EventBus.fromEventBusArn(this, 'Bus', forwardTo), {
          deadLetterQueue: this.undelivered,
          role: new Role(this, 'ForwardRole', {
            assumedBy: new ServicePrincipal('events.amazonaws.com'),
          }),
        }),
      ],
    });
  }
}

function problemsOf(props: EcsClusterSourceProps): string[] {
  const { clusters, forwardTo } = props;
  const bad = problemsOfClusters(clusters);
  if (bad.length > 0) return bad;
  const away = clusters.find(({ elsewhere }) => elsewhere !== undefined);
  return [
    ...misshapen(props, { forwardTo: EVENT_BUS_ARN, externalId: EXTERNAL_ID }),
    ...broken([
      [Token.isUnresolved(forwardTo), 'forwardTo has to be known before the deployment'],
      [clusters.length === 0, 'clusters is empty: give at least one cluster'],
      [away !== undefined, `clusters names ${away?.clusterArn}, which is not of the account and Region of this stack`],
    ]),
  ];
}
