import { join } from 'node:path';
import { loopbackEnvironment } from '../loopback.ts';
import { LOG_ROOT, PROJECT_ROOT } from '../paths.ts';
import { startChild } from '../process/child.ts';
import { waitForHttp } from '../process/wait-for-http.ts';
import type { Task, Workload } from './model.ts';

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

/** Runs the real sample application as the one container of the task, with the environment of its definition. */
export const launchWebapp = async (task: Task): Promise<Workload> => {
  const container = task.taskDefinition.containers[0];
  const { address } = task;
  if (address === undefined) throw new Error('the sample application needs an address of its own: use awsvpc');
  const child = await startChild({
    name: `task ${task.id.slice(0, 8)}`,
    command: process.execPath,
    arguments: [join(PROJECT_ROOT, 'containers/webapp/main.ts')],
    environment: loopbackEnvironment(undefined, {
      ...Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value])),
      HOST: address,
      PORT: String(WEBAPP_PORT),
    }),
    log: join(LOG_ROOT, 'tasks.log'),
  });
  try {
    await waitForHttp(child, `http://${address}:${WEBAPP_PORT}/health`, 20);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { pid: child.pid, ended: child.ended, stop: () => child.stop() };
};
