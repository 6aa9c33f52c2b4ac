import { containerInstanceArn, nameOf } from './arn.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Operations } from './requests.ts';
import { counted } from './task-operations.ts';

type ContainerInstanceOperations = Pick<Operations, 'DescribeContainerInstances'>;

export const containerInstanceOperations = (plane: ControlPlane): ContainerInstanceOperations => ({
  DescribeContainerInstances: ({ containerInstances }) => {
    const ids = counted(containerInstances, 'Container instances').map(nameOf);
    const arn = (id: string): string => containerInstanceArn(plane.cluster, id);
    return {
      containerInstances: ids
        .filter((id) => plane.containerInstances.has(id))
        .map((id) => ({ containerInstanceArn: arn(id), ec2InstanceId: plane.containerInstances.get(id) })),
      failures: ids
        .filter((id) => !plane.containerInstances.has(id))
        .map((id) => ({ arn: arn(id), reason: 'MISSING' })),
    };
  },
});
