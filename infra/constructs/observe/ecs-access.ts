/** Permissions to read ECS, each as narrow as the service authorization reference of Amazon ECS allows. */
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge.ts';
import { arnsUnder, type WatchedCluster } from '../watched-cluster.ts';

const EVERY_TASK = 'Whatever runs in a watched cluster is looked at.';
const NO_RESOURCE = 'IAM knows no resource for this action: "*" is the only one that it accepts.';

/** A function, or the role that those of another account assume. */
export type Looking = IGrantable & Construct;

function grant(grantee: Looking, action: string, resourceArns: string[], reason: string): void {
  if (resourceArns.length === 0) return;
  Grant.addToPrincipal({ grantee, actions: [action], resourceArns });
  acknowledgeWildcards(grantee, resourceArns, reason);
}

// The clusters are those of the account and Region that the permission is given in; those elsewhere are passed over.
const here = (clusters: readonly WatchedCluster[]) => clusters.filter(({ elsewhere }) => elsewhere === undefined);

/** Allows to look at tasks that somebody named. */
export const grantDescribeTasks = (looking: Looking, clusters: readonly WatchedCluster[]): void =>
  grant(looking, 'ecs:DescribeTasks', arnsUnder(looking, 'task', here(clusters)), EVERY_TASK);

/** Allows to look at what says how to scrape a task, and where. */
export function grantDescribeScraping(looking: Looking, clusters: readonly WatchedCluster[]): void {
  const some = here(clusters);
  grant(looking, 'ecs:DescribeContainerInstances', arnsUnder(looking, 'container-instance', some), EVERY_TASK);
  if (some.length === 0) return;
  grant(looking, 'ecs:DescribeTaskDefinition', ['*'], NO_RESOURCE);
  grant(looking, 'ec2:DescribeInstances', ['*'], NO_RESOURCE);
}

/** Allows to ask of services where ECS registers their tasks, and for their tags. */
export const grantDescribeServices = (looking: Looking, clusters: readonly WatchedCluster[]): void =>
  grant(looking, 'ecs:DescribeServices', arnsUnder(looking, 'service', here(clusters)), EVERY_TASK);

/** Allows to read the tags of the clusters; those of tasks and services come with their description. */
export function grantDescribeClusters(grantee: Looking, clusters: readonly WatchedCluster[]): void {
  const resourceArns = here(clusters).map(({ clusterArn }) => clusterArn);
  if (resourceArns.length > 0) Grant.addToPrincipal({ grantee, actions: ['ecs:DescribeClusters'], resourceArns });
}

/** Allows to list the tasks of the clusters. ListTasks has no resource of its own; the condition names the cluster. */
export function grantListTasks(grantee: Looking, clusters: readonly WatchedCluster[]): void {
  const arns = here(clusters).map(({ clusterArn }) => clusterArn);
  if (arns.length === 0) return;
  Grant.addToPrincipal({
    grantee,
    actions: ['ecs:ListTasks'],
    resourceArns: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': arns } },
  });
}
