import { clusterArn, nameOf, serviceArn } from './arn.ts';
import type { ControlPlane } from './control-plane.ts';
import { EcsError, invalidParameter } from './errors.ts';
import type { Service } from './model.ts';
import { pageOf } from './paging.ts';
import type { Operations } from './requests.ts';
import { findTaskDefinition } from './task-definition-operations.ts';
import { seconds } from './task-description.ts';

/** Most services in one DescribeServices (ECS API reference). */
const LARGEST_DESCRIBE = 10;
/** ListServices' page size when a request names none (ECS API reference). */
const DEFAULT_PAGE = 10;

/** @throws EcsError ServiceNotFoundException */
export const findService = (plane: ControlPlane, reference: string): Service => {
  const service = plane.services.get(nameOf(reference));
  if (service === undefined) throw new EcsError('ServiceNotFoundException', 'Service not found.');
  return service;
};

const description = (plane: ControlPlane, service: Service) => {
  const tasks = plane.tasks().filter((task) => task.service === service.name && task.desiredStatus === 'RUNNING');
  const runningCount = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: clusterArn(plane.cluster),
    status: 'ACTIVE',
    desiredCount: plane.desiredCount(service),
    runningCount,
    pendingCount: tasks.length - runningCount,
    launchType: service.taskDefinition.networkMode === 'awsvpc' ? 'FARGATE' : 'EC2',
    taskDefinition: service.taskDefinition.arn,
    serviceRegistries: service.serviceRegistries,
    createdAt: seconds(service.createdAt),
    schedulingStrategy: service.schedulingStrategy,
  };
};

type ServiceOperations = Pick<Operations, 'ListServices' | 'DescribeServices' | 'CreateService' | 'UpdateService'>;

export const serviceOperations = (plane: ControlPlane): ServiceOperations => ({
  ListServices: ({ maxResults = DEFAULT_PAGE, nextToken }) => {
    const { items, ...next } = pageOf([...plane.services.values()], { maxResults, nextToken });
    return { serviceArns: items.map(({ arn }) => arn), ...next };
  },

  DescribeServices: ({ services: references }) => {
    if (references.length === 0) throw invalidParameter('Services cannot be empty.');
    if (references.length > LARGEST_DESCRIBE)
      throw invalidParameter(`Services can have at most ${LARGEST_DESCRIBE} items.`);
    const found = references.map((reference) => plane.services.get(nameOf(reference)) ?? nameOf(reference));
    return {
      services: found.filter((it) => typeof it !== 'string').map((service) => description(plane, service)),
      failures: found
        .filter((it) => typeof it === 'string')
        .map((name) => ({ arn: serviceArn(plane.cluster, name), reason: 'MISSING' })),
    };
  },

  CreateService: ({ serviceName, taskDefinition, ...settings }) => {
    if (plane.services.has(serviceName)) throw invalidParameter('Creation of service was not idempotent.');
    const definition = findTaskDefinition(plane, taskDefinition);
    const service = plane.createService({ name: serviceName, taskDefinition: definition, ...settings });
    return { service: description(plane, service) };
  },

  UpdateService: ({ service: reference, desiredCount, taskDefinition }) => {
    const service = findService(plane, reference);
    plane.updateService(service, {
      ...(desiredCount === undefined ? {} : { desiredCount }),
      ...(taskDefinition === undefined ? {} : { taskDefinition: findTaskDefinition(plane, taskDefinition) }),
    });
    return { service: description(plane, service) };
  },
});
