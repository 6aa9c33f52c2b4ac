/**
 * What runs on ECS beside a web application whose tags are in Cloud Map: the network modes, the ways to start a task,
 * and what is broken. Docker labels say how to scrape them.
 */
import { OBSERVER_LABELS } from '../../../functions/discovery/selection/docker-label-names.ts';
import type { ControlPlane } from '../ecs/control-plane.ts';
import type { ContainerDefinition, NetworkMode } from '../ecs/model.ts';
import { NODE_EXPORTER_PORT } from '../node-exporter.ts';
import { WEBAPP_PORT } from './webapp.ts';

export interface LocalWorkload {
  /** Of its task definition, and of its service if it has one. */
  readonly name: string;
  readonly startedAs: 'service' | 'daemon' | 'task';
  readonly networkMode: NetworkMode;
  readonly containers: readonly ContainerDefinition[];
  /** Its tasks are never scraped, and it can be said why. */
  readonly isBroken?: boolean;
  /** Its tasks are never RUNNING. */
  readonly failsToStart?: boolean;
}

/** A container that asks to be scraped at a port; it is not always the one that it listens on. */
const container = (
  name: string,
  port: number,
  more: Partial<ContainerDefinition> & { readonly variables?: Readonly<Record<string, string>> } = {},
): ContainerDefinition => {
  const { variables, ...definition } = more;
  const environment = { LOAD_REQUESTS_PER_SECOND: '2', ...variables };
  return {
    name,
    image: 'webapp:local',
    dockerLabels: { [OBSERVER_LABELS.port]: String(port) },
    portMappings: [{ containerPort: port, protocol: 'tcp' }],
    environment: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    ...definition,
  };
};

/** A page that the application does not have, as after a typing error. */
const WRONG_CHECK =
  'node -e "fetch(\'http://$HOST:$PORT/heatlh\').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"';

const NODE_EXPORTER: LocalWorkload = {
  name: 'node-exporter',
  startedAs: 'daemon',
  networkMode: 'host',
  containers: [container('node-exporter', NODE_EXPORTER_PORT, { image: 'node-exporter:local' })],
};

const OTHERS: readonly LocalWorkload[] = [
  { name: 'bridge', startedAs: 'service', networkMode: 'bridge', containers: [container('web', WEBAPP_PORT)] },
  {
    name: 'two-containers',
    startedAs: 'service',
    networkMode: 'awsvpc',
    containers: [container('web', WEBAPP_PORT), container('admin', 3001)],
  },
  { name: 'standalone', startedAs: 'task', networkMode: 'awsvpc', containers: [container('web', WEBAPP_PORT)] },
  {
    name: 'unhealthy',
    startedAs: 'task',
    networkMode: 'awsvpc',
    containers: [
      container('web', WEBAPP_PORT, {
        healthCheck: { command: ['CMD-SHELL', WRONG_CHECK], interval: 5, retries: 1 },
      }),
    ],
    isBroken: true,
  },
  {
    name: 'wrong-port',
    startedAs: 'service',
    networkMode: 'awsvpc',
    containers: [container('web', WEBAPP_PORT, { variables: { PORT: '3001' } })],
    isBroken: true,
  },
  {
    name: 'crash',
    startedAs: 'task',
    networkMode: 'awsvpc',
    containers: [container('web', WEBAPP_PORT, { variables: { WORK_MILLISECONDS: 'none' } })],
    isBroken: true,
    failsToStart: true,
  },
];

/** @param hasNodeExporter whether this machine has that program */
export const otherWorkloads = (hasNodeExporter: boolean): readonly LocalWorkload[] =>
  hasNodeExporter ? [NODE_EXPORTER, ...OTHERS] : OTHERS;

/** Starts each: a daemon on every host, a service and a task on its own once. */
export const startWorkloads = (plane: ControlPlane, workloads: readonly LocalWorkload[]): void => {
  for (const { name, startedAs, networkMode, containers } of workloads) {
    const size = { cpu: '256', memory: '512', networkMode };
    const taskDefinition = plane.registerTaskDefinition(name, containers, size);
    if (startedAs === 'task') {
      plane.runTask({ taskDefinition });
      continue;
    }
    const schedulingStrategy = startedAs === 'daemon' ? 'DAEMON' : 'REPLICA';
    plane.createService({ name, taskDefinition, desiredCount: 1, serviceRegistries: [], schedulingStrategy });
  }
};
