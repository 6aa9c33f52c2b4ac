/** A task as an instance of a Cloud Map service that this deployment owns. */

import type { Task, TaskId } from '../task/task.ts';
import { LABELS } from './labels.ts';
import type { TaskTargets } from './task-targets.ts';

export interface Registration {
  /** Id of the Cloud Map service. */
  readonly serviceId: string;
  readonly instanceId: TaskId;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An instance as Cloud Map lists it. */
export interface RegisteredInstance {
  readonly instanceId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Attributes that ECS itself writes when it registers a task, plus how to scrape it. */
const ATTRIBUTES = {
  address: 'AWS_INSTANCE_IPV4',
  address6: 'AWS_INSTANCE_IPV6',
  port: 'AWS_INSTANCE_PORT',
  availabilityZone: 'AVAILABILITY_ZONE',
  region: 'REGION',
  cluster: 'ECS_CLUSTER_NAME',
  service: 'ECS_SERVICE_NAME',
  family: 'ECS_TASK_DEFINITION_FAMILY',
  metricsPort: 'METRICS_PORT',
  metricsPath: 'METRICS_PATH',
} as const;

/** Characters of a value (AWS Cloud Map API reference, RegisterInstance, "AttrValue"). */
const VALUE_LENGTH = 1024;

/**
 * A path as HTTP sends it. Of its characters only a path can be anything; Cloud Map takes the printable ones of ASCII, and
 * refuses a registration with any other ("AttrValue"). All other attributes are names that AWS limits to them.
 */
const inAscii = (path: string): string => path.toWellFormed().replace(/[^ -~]+/gu, encodeURIComponent);

/** The registration of a task that is scraped; the first of its targets gives the port and path. */
export function registrationOf(serviceId: string, task: Task, targets: TaskTargets): Registration {
  const [first] = targets.targets;
  const attributes: Record<string, string> = {
    [targets.address.includes(':') ? ATTRIBUTES.address6 : ATTRIBUTES.address]: targets.address,
    [ATTRIBUTES.region]: task.region,
    [ATTRIBUTES.cluster]: task.cluster,
    [ATTRIBUTES.family]: task.family,
  };
  if (task.availabilityZone) attributes[ATTRIBUTES.availabilityZone] = task.availabilityZone;
  if (task.service) attributes[ATTRIBUTES.service] = task.service;
  if (first) {
    attributes[ATTRIBUTES.port] = String(first.port);
    attributes[ATTRIBUTES.metricsPort] = String(first.port);
    const path = inAscii(first.labels[LABELS.metricsPath] ?? '/metrics');
    // The target files have it; a registration without it is better than none.
    if (path.length <= VALUE_LENGTH) attributes[ATTRIBUTES.metricsPath] = path;
  }
  return { serviceId, instanceId: task.id, attributes };
}

/** Whether Cloud Map already holds exactly this registration; attributes that Cloud Map adds by itself are ignored. */
export const isRegistered = (wanted: Registration, actual: RegisteredInstance): boolean =>
  Object.entries(wanted.attributes).every(([key, value]) => actual.attributes[key] === value);

/** Whether an instance stands for a task of this cluster, as far as its attributes tell. */
export const isOfCluster = (instance: RegisteredInstance, cluster: string): boolean =>
  instance.attributes[ATTRIBUTES.cluster] === cluster;
