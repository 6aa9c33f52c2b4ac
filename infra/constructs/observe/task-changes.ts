/** Which events of ECS concern the discovery, as patterns of EventBridge. */
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { WatchedCluster } from '../watched-cluster.ts';

/** A stop shows first as desiredStatus STOPPED while lastStatus still says RUNNING. */
export const STOPPING = { $or: [{ desiredStatus: ['STOPPED'] }, { lastStatus: ['STOPPED'] }] };
export const RUNNING = { lastStatus: ['RUNNING'], desiredStatus: ['RUNNING'] };

export const taskChanges = (clusters: readonly WatchedCluster[], status: object): EventPattern => ({
  source: ['aws.ecs'],
  detailType: ['ECS Task State Change'],
  detail: { clusterArn: clusters.map(({ clusterArn }) => clusterArn), ...status },
});
