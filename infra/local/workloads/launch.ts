/** Runs the containers of a task as processes of this machine. */
import { join } from 'node:path';
import getPort from 'get-port';
import type { HealthCheck, NetworkBinding, Task, Workload } from '../ecs/model.ts';
import { loopbackEnvironment } from '../loopback.ts';
import { startNodeExporter } from '../node-exporter.ts';
import { LOG_ROOT } from '../paths.ts';
import type { Child } from '../process/child.ts';
import { endOfLog } from '../process/end-of-log.ts';
import { run } from '../process/run.ts';
import type { LocalContainer } from './container.ts';
import { startWebapp } from './webapp.ts';

/** What the images are here. */
const IMAGES: Readonly<Record<string, (task: Task, container: LocalContainer) => Promise<Child>>> = {
  'webapp:local': startWebapp,
  'node-exporter:local': (_task, { address, log }) => startNodeExporter(address, log),
};

/** @param addressOf the address of the machine that is a container instance */
export const launcher =
  (addressOf: (containerInstance: string) => string | undefined) =>
  async (task: Task): Promise<Workload> => {
    const address = task.address ?? addressOf(task.containerInstance ?? '');
    if (address === undefined) throw new Error('the task has no address: there is no such container instance');
    const bindings: NetworkBinding[] = [];
    const containers: LocalContainer[] = [];
    for (const definition of task.taskDefinition.containers) {
      const [{ containerPort = 0, protocol = 'tcp' } = {}] = definition.portMappings;
      const isBridge = task.taskDefinition.networkMode === 'bridge';
      const listensOn = isBridge ? await getPort({ host: address }) : containerPort;
      if (isBridge) bindings.push({ bindIP: '0.0.0.0', containerPort, hostPort: listensOn, protocol });
      const own = Object.fromEntries(definition.environment.map(({ name, value }) => [name, value]));
      const environment = { HOST: address, PORT: String(listensOn), ...own };
      const log = join(LOG_ROOT, `task-${task.taskDefinition.family}.log`);
      containers.push({ definition, environment, address, port: Number(environment.PORT), log });
    }
    return together(await allStarted(task, containers), containers, bindings);
  };

/** @throws what kept one of them from being started, when the others have been stopped */
const allStarted = async (task: Task, containers: readonly LocalContainer[]): Promise<readonly Child[]> => {
  const starts = await Promise.allSettled(
    containers.map(async (container) => {
      const start = IMAGES[container.definition.image];
      if (start !== undefined) return start(task, container);
      throw new Error(`no image ${container.definition.image}: here are ${Object.keys(IMAGES).join(', ')}`);
    }),
  );
  const children = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed === undefined) return children;
  await stopAll(children);
  throw failed.reason;
};

const stopAll = async (children: readonly Child[]): Promise<void> => {
  await Promise.all(children.map((child) => child.stop()));
};

/** All containers are essential: when one ends, the task does. */
const together = async (
  children: readonly Child[],
  containers: readonly LocalContainer[],
  bindings: readonly NetworkBinding[],
): Promise<Workload> => {
  const ended = Promise.race(children.map(howItEnded));
  void ended.then(() => stopAll(children));
  // A task whose program has ended never runs: that is known before anybody goes on with it.
  if (!children.every((child) => child.running())) await ended;
  const checks = containers.flatMap(({ definition: { healthCheck }, environment }) =>
    healthCheck === undefined ? [] : [() => passes(healthCheck, environment)],
  );
  return {
    ...{ pid: children[0]?.pid ?? 0, ended, stop: () => stopAll(children) },
    ...(bindings.length > 0 && { bindings }),
    ...(checks.length > 0 && {
      check: async () => (await Promise.all(checks.map((check) => check()))).every(Boolean),
    }),
  };
};

const howItEnded = async ({ ended, log }: Child): Promise<string> => {
  const how = await ended;
  return how.startsWith('exit code') && how !== 'exit code 0' ? `${how}: ${await endOfLog(log, 1)}` : how;
};

const passes = ({ command: [kind, ...words] }: HealthCheck, environment: LocalContainer['environment']) => {
  const [program = '', ...arguments_] = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words;
  return run(program, arguments_, { environment: loopbackEnvironment(undefined, environment) }).then(
    () => true,
    () => false,
  );
};
