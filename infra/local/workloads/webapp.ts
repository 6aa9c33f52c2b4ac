import { join } from 'node:path';
import type { Task } from '../ecs/model.ts';
import { loopbackEnvironment } from '../loopback.ts';
import { PROJECT_ROOT } from '../paths.ts';
import { type Child, startChild } from '../process/child.ts';
import { waitForHttp } from '../process/wait-for-http.ts';
import type { LocalContainer } from './container.ts';

/** Every task listens on this port of its own address, as containers with their own network interface do. */
export const WEBAPP_PORT = 3000;

/** The sample application as ECS knows it: tags of its Cloud Map service say how to scrape it, as in the reference. */
export const WEBAPP_TASK_DEFINITION = {
  family: 'webapp',
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    {
      name: 'webapp',
      image: 'webapp:local',
      dockerLabels: {},
      portMappings: [{ containerPort: WEBAPP_PORT, protocol: 'tcp' as const }],
      environment: [],
    },
  ],
};

/** Runs the real sample application as a container of a task, and waits until it works, or has ended by itself. */
export const startWebapp = async (task: Task, { environment, address, port, log }: LocalContainer): Promise<Child> => {
  const child = await startChild({
    name: `task ${task.id.slice(0, 8)}`,
    command: process.execPath,
    arguments: [join(PROJECT_ROOT, 'containers/webapp/main.ts')],
    environment: loopbackEnvironment(undefined, environment),
    log,
  });
  try {
    await waitForHttp(child, `http://${address}:${port}/health`, 60);
  } catch (error) {
    // ECS starts a container that ends at once all the same, and then sees it end.
    if (!child.running()) return child;
    await child.stop();
    throw error;
  }
  return child;
};
