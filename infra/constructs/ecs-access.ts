/** Permissions to read ECS, each as narrow as the service authorization reference of Amazon ECS allows. */
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Recipient } from './recipient.ts';
import { arnsUnder, type WatchedCluster } from './watched-cluster.ts';

/** Allows to look at tasks that somebody named, and at all that says how to scrape them. */
export function grantDescribeTasks(scope: Construct, recipient: Recipient, clusters: readonly WatchedCluster[]): void {
  const grant = (action: string, resourceArns: string[]) =>
    Grant.addToPrincipal({ grantee: recipient, actions: [action], resourceArns });
  grant('ecs:DescribeTasks', arnsUnder(scope, 'task', clusters));
  grant('ecs:DescribeServices', arnsUnder(scope, 'service', clusters));
  grant('ecs:DescribeContainerInstances', arnsUnder(scope, 'container-instance', clusters));
  // Neither action has a resource type: "*" is the only resource that IAM accepts for them.
  grant('ecs:DescribeTaskDefinition', ['*']);
  grant('ec2:DescribeInstances', ['*']);
}

/** Allows to list the tasks of the clusters. ListTasks has no resource of its own; the condition names the cluster. */
export function grantListTasks(recipient: Recipient, clusters: readonly WatchedCluster[]): void {
  Grant.addToPrincipal({
    grantee: recipient,
    actions: ['ecs:ListTasks'],
    resourceArns: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusters.map(({ clusterArn }) => clusterArn) } },
  });
}
