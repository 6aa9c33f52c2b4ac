/** Permissions to read ECS, each as narrow as the service authorization reference of Amazon ECS allows. */
import { Grant } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { DiscoveryFunction } from '../discovery-function.ts';
import type { GrantTarget } from '../grant-target.ts';
import { arnsUnder, type WatchedCluster } from '../watched-cluster.ts';

const EVERY_TASK = 'Whatever runs in a watched cluster is looked at.';
const NO_RESOURCE = 'IAM knows no resource for this action: "*" is the only one that it accepts.';

function grant(grantee: GrantTarget, action: string, resourceArns: string[], reason: string): void {
  Grant.addToPrincipal({ grantee, actions: [action], resourceArns });
  acknowledgeWildcards(grantee, resourceArns, reason);
}

/** Allows to look at tasks that somebody named. */
export const grantDescribeTasks = (lambda: DiscoveryFunction, clusters: readonly WatchedCluster[]): void =>
  grant(lambda, 'ecs:DescribeTasks', arnsUnder(lambda, 'task', clusters), EVERY_TASK);

/** Allows to look at what says how to scrape a task, and where. */
export function grantDescribeScraping(lambda: DiscoveryFunction, clusters: readonly WatchedCluster[]): void {
  grant(lambda, 'ecs:DescribeContainerInstances', arnsUnder(lambda, 'container-instance', clusters), EVERY_TASK);
  grant(lambda, 'ecs:DescribeTaskDefinition', ['*'], NO_RESOURCE);
  grant(lambda, 'ec2:DescribeInstances', ['*'], NO_RESOURCE);
}

/** Allows to ask of services where ECS registers their tasks, and for their tags. */
export const grantDescribeServices = (lambda: DiscoveryFunction, clusters: readonly WatchedCluster[]): void =>
  grant(lambda, 'ecs:DescribeServices', arnsUnder(lambda, 'service', clusters), EVERY_TASK);

/** Allows to read the tags of the clusters; those of tasks and services come with their description. */
export function grantDescribeClusters(lambda: DiscoveryFunction, clusters: readonly WatchedCluster[]): void {
  const resourceArns = clusters.map(({ clusterArn }) => clusterArn);
  Grant.addToPrincipal({ grantee: lambda, actions: ['ecs:DescribeClusters'], resourceArns });
}

/** Allows to list the tasks of the clusters. ListTasks has no resource of its own; the condition names the cluster. */
export function grantListTasks(grantee: GrantTarget, clusters: readonly WatchedCluster[]): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['ecs:ListTasks'],
    resourceArns: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusters.map(({ clusterArn }) => clusterArn) } },
  });
}
