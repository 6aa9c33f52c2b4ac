/** What another CDK app may use: `new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [cluster] })`. */
export { EcsPrometheusDiscovery, type EcsPrometheusDiscoveryProps } from './constructs/ecs-prometheus-discovery.ts';
export { containerRecipient, type Recipient } from './constructs/recipient.ts';
export { ClusterByName, type WatchedCluster } from './constructs/watched-cluster.ts';
