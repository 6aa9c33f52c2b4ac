import { clusterArn, nameOf } from './arn.ts';
import { clusterOperations } from './cluster-operations.ts';
import { containerInstanceOperations } from './container-instance-operations.ts';
import type { ControlPlane } from './control-plane.ts';
import { EcsError, invalidParameter } from './errors.ts';
import { type Operation, type Operations, REQUESTS } from './requests.ts';
import { serviceOperations } from './service-operations.ts';
import { taskDefinitionOperations } from './task-definition-operations.ts';
import { taskOperations } from './task-operations.ts';
import { CONSISTENT, type View } from './view.ts';

const isOperation = (name: string): name is Operation => Object.hasOwn(REQUESTS, name);

/**
 * Answers a request as ECS would.
 *
 * @throws EcsError with the name that ECS gives the error.
 */
export type EcsApi = (operation: string, body: unknown) => unknown;

export const ecsApi = (plane: ControlPlane, view: View = CONSISTENT): EcsApi => {
  const operations: Operations = {
    ...taskOperations(plane, view),
    ...containerInstanceOperations(plane),
    ...serviceOperations(plane),
    ...clusterOperations(plane),
    ...taskDefinitionOperations(plane),
  };

  const answer = <Name extends Operation>(name: Name, body: unknown): unknown => {
    const parsed = REQUESTS[name].safeParse(body);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw invalidParameter(problems.join('; '));
    }
    if ('cluster' in REQUESTS[name].shape) checkCluster(parsed.data);
    const operation: (request: never) => unknown = operations[name];
    return operation(parsed.data as never);
  };

  // ECS takes the cluster named "default" when a request names none.
  const checkCluster = (request: { readonly cluster?: string | undefined } | object): void => {
    const cluster = 'cluster' in request ? request.cluster : undefined;
    if (nameOf(cluster ?? 'default') === nameOf(clusterArn(plane.cluster))) return;
    throw new EcsError('ClusterNotFoundException', 'Cluster not found.');
  };

  return (operation, body) => {
    if (!isOperation(operation)) {
      throw new EcsError('UnsupportedOperationException', `The local ECS does not know ${operation}.`);
    }
    return answer(operation, body);
  };
};
