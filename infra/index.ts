/**
 * What another CDK app may use, each with its props documented. `new EcsPrometheusDiscovery(stack, 'Discovery', {
 * clusters: [cluster] })` is the discovery; `Collectors` scrape what it finds; the rest is what the reference system has.
 */

export type { ScrapeRule } from '../functions/discovery/selection/scrape-rule.ts';
export { Collector, type CollectorProps } from './constructs/collector/collector.ts';
export {
  CollectorSecurityGroup,
  type CollectorSecurityGroupProps,
} from './constructs/collector/collector-security-group.ts';
export { Collectors, type CollectorsProps } from './constructs/collector/collectors.ts';
export { PipelineParameter, type PipelineParameterProps } from './constructs/collector/pipeline-parameter.ts';
export type { RelabelConfig } from './constructs/collector/scrape-jobs/relabelling.ts';
export type { ScrapeJob } from './constructs/collector/scrape-jobs/scrape-job.ts';
export type { SecretValue, SecretVariables } from './constructs/collector/scrape-jobs/secret-value.ts';
export {
  existingWorkspace,
  type MetricsWorkspace,
  Workspace,
  type WorkspaceProps,
} from './constructs/collector/workspace.ts';
export type { FunctionNetwork } from './constructs/discovery-function.ts';
export type { EcsPrometheusDiscoveryProps } from './constructs/discovery-props.ts';
export { EcsPrometheusDiscovery } from './constructs/ecs-prometheus-discovery.ts';
export { EcsClusterSource, type EcsClusterSourceProps } from './constructs/elsewhere/ecs-cluster-source.ts';
export { GrafanaWorkspace, type GrafanaWorkspaceProps } from './constructs/grafana/grafana-workspace.ts';
export { containerGrantTarget, type GrantTarget } from './constructs/grant-target.ts';
export { AlertRules, type AlertRulesProps } from './constructs/monitoring/alert-rules.ts';
export { InstanceCapacity, type InstanceCapacityProps } from './constructs/network/instance-capacity.ts';
export { Network, type NetworkProps } from './constructs/network/network.ts';
export {
  EcsManagedRegistry,
  OwnedRegistry,
  type OwnedRegistryProps,
  type ScrapeTags,
  type ServiceRegistryProps,
} from './constructs/register/cloud-map-service.ts';
export {
  type AccountAndRegion,
  ClusterByArn,
  ClusterByName,
  type WatchedCluster,
} from './constructs/watched-cluster.ts';
export { NodeExporter, type NodeExporterProps } from './constructs/workload/node-exporter.ts';
export type { Placement, TaskSize } from './constructs/workload/task-placement.ts';
export { Webapp, type WebappProps } from './constructs/workload/webapp.ts';
export type { PortRange } from './props/ports.ts';
export { PropsError } from './props/problems.ts';
