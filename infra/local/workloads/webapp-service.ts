/** The service of the scenario, whose Cloud Map tags say how to scrape it, as those of the reference do. */
import { DEFAULT_DEPLOYMENT } from '../../../functions/discovery/names.ts';
import { createNamespace, createRegistry } from '../cloud-map.ts';
import type { ControlPlane } from '../ecs/control-plane.ts';
import type { Ministack } from '../ministack/ministack.ts';
import { WEBAPP_PORT, WEBAPP_TASK_DEFINITION } from './webapp.ts';

export const WEBAPP_SERVICE = 'webapp';
export const WEBAPP_NAMESPACE = 'ecs-services';

/** Creates it, without a task, and answers the id of its Cloud Map service. */
export const createWebappService = async (aws: Pick<Ministack, 'endpoint'>, plane: ControlPlane): Promise<string> => {
  const { containerDefinitions, family, ...size } = WEBAPP_TASK_DEFINITION;
  const taskDefinition = plane.registerTaskDefinition(family, containerDefinitions, size);
  plane.createService({ name: WEBAPP_SERVICE, taskDefinition, desiredCount: 0, serviceRegistries: [] });
  return createRegistry(aws, {
    namespaceId: await createNamespace(aws, WEBAPP_NAMESPACE),
    name: WEBAPP_SERVICE,
    owner: DEFAULT_DEPLOYMENT,
    tags: { METRICS_PORT: String(WEBAPP_PORT), METRICS_PATH: '/metrics' },
  });
};
