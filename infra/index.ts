/**
 * What another CDK app may use, each with its props documented. `new EcsPrometheusDiscovery(stack, 'Discovery', {
 * clusters: [cluster] })` is the discovery; `Collectors` scrape what it finds; the rest is what the reference system has.
 */
export { Collector, type CollectorProps } from './constructs/collector.ts';
export {
  CollectorSecurityGroup,
  type CollectorSecurityGroupProps,
  type PortRange,
} from './constructs/collector-security-group.ts';
export { Collectors, type CollectorsProps } from './constructs/collectors.ts';
export { EcsPrometheusDiscovery, type EcsPrometheusDiscoveryProps } from './constructs/ecs-prometheus-discovery.ts';
export { GrafanaWorkspace, type GrafanaWorkspaceProps } from './constructs/grafana-workspace.ts';
export { InstanceCapacity, type InstanceCapacityProps } from './constructs/instance-capacity.ts';
export { Network, type NetworkProps } from './constructs/network.ts';
export { NodeExporter, type NodeExporterProps } from './constructs/node-exporter.ts';
export { PipelineParameter, type PipelineParameterProps } from './constructs/pipeline-parameter.ts';
export type { Placement, TaskSize } from './constructs/placement.ts';
export { containerRecipient, type Recipient } from './constructs/recipient.ts';
export {
  EcsManagedRegistry,
  OwnedRegistry,
  type OwnedRegistryProps,
  type ScrapeTags,
  type ServiceRegistryProps,
} from './constructs/service-registry.ts';
export { ClusterByName, type WatchedCluster } from './constructs/watched-cluster.ts';
export { Webapp, type WebappProps } from './constructs/webapp.ts';
export { existingWorkspace, type MetricsWorkspace, Workspace, type WorkspaceProps } from './constructs/workspace.ts';
