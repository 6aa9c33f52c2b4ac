/** Which stacks the settings ask for, and in what order they are deployed. */
import type { Construct } from 'constructs';
import { sayCosts } from '../costs/say-costs.ts';
import type { Settings } from '../settings/settings.ts';
import { ClusterStack } from './cluster-stack.ts';
import { DiscoveryStack } from './discovery-stack.ts';
import { MetricsStack } from './metrics-stack.ts';
import { SourceStack } from './source-stack.ts';
import { runsNodeExporter, WorkloadStack } from './workload-stack.ts';

/**
 * The discovery stack is named like the deployment, the others like it with a word on top. With existing clusters it
 * depends on none of them, and may be deployed alone. With `forwardTo` there is the stack of a source, and no other.
 */
export function addStacks(app: Construct, settings: Settings): void {
  const { deployment, ownCluster, forwardTo } = settings;
  if (forwardTo !== undefined) {
    const name = `${forwardTo.slice(forwardTo.lastIndexOf('/') + 1)}-source`;
    const source = new SourceStack(app, name, { settings, forwardTo });
    sayCosts([source], { scrapeIntervalSeconds: undefined });
    return;
  }
  const own = ownCluster ? new ClusterStack(app, `${deployment}-cluster`, { settings }) : undefined;
  const discoveryStack = new DiscoveryStack(app, deployment, { settings });
  // Its first resync looks at the cluster and at the namespaces.
  if (own) discoveryStack.addStackDependency(own);
  const { discovery } = discoveryStack;
  const metrics = settings.collector
    ? new MetricsStack(app, `${deployment}-metrics`, { settings, discovery, own })
    : undefined;
  const workload =
    settings.workload || runsNodeExporter(settings)
      ? new WorkloadStack(app, `${deployment}-workload`, {
          settings,
          discovery,
          own,
          collectorSecurityGroup: metrics?.collectorSecurityGroup,
        })
      : undefined;
  sayCosts(
    [own, discoveryStack, metrics, workload].filter((stack) => stack !== undefined),
    { scrapeIntervalSeconds: settings.collector ? settings.scrapeIntervalSeconds : undefined },
  );
}
