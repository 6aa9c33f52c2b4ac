/** Permissions to read ECS, each as narrow as the service authorization reference of Amazon ECS allows. */
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { Recipient } from '../grant-target.ts';
import { arnsUnder, type WatchedCluster } from '../watched-cluster.ts';

/** Allows to look at tasks that somebody named, and at all that says how to scrape them. */
export function grantDescribeTasks(scope: Construct, recipient: Recipient, clusters: readonly WatchedCluster[]): void {
  const grant = (action: string, resourceArns: string[], reason: string) => {
    Grant.addToPrincipal({ grantee: recipient, actions: [action], resourceArns });
    acknowledgeWildcards(recipient, resourceArns, reason);
  };
  const every = 'Whatever runs in a watched cluster is looked at.';
  const noResource = 'IAM knows no resource for this action: "*" is the only one that it accepts.';
  grant('ecs:DescribeTasks', arnsUnder(scope, 'task', clusters), every);
  grant('ecs:DescribeServices', arnsUnder(scope, 'service', clusters), every);
  grant('ecs:DescribeContainerInstances', arnsUnder(scope, 'container-instance', clusters), every);
  grant('ecs:DescribeTaskDefinition', ['*'], noResource);
  grant('ec2:DescribeInstances', ['*'], noResource);
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
