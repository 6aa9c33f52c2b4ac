import { clusterArn, nameOf } from './arn.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Operations } from './requests.ts';

export const clusterOperations = (plane: ControlPlane): Pick<Operations, 'DescribeClusters'> => ({
  DescribeClusters: ({ clusters }) => {
    const known = clusters.map(nameOf).filter((name) => name === plane.cluster);
    const unknown = clusters.map(nameOf).filter((name) => name !== plane.cluster);
    return {
      clusters: known.map((clusterName) => ({
        clusterArn: clusterArn(clusterName),
        ...{ clusterName, status: 'ACTIVE', tags: [] },
      })),
      failures: unknown.map((name) => ({ arn: clusterArn(name), reason: 'MISSING' })),
    };
  },
});
