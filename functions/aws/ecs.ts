/** What the core asks of ECS. */
import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import { lastPartOfArn, MalformedTask, parseTask, type Task, type TaskId } from '../discovery/task/task.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import type { Sender } from './clients.ts';
import { definitionOf, type ManagedCloudMapService, managedServicesOf, tagsOf } from './ecs-answers.ts';
import { asError } from './errors.ts';
import { allPages, chunks } from './paging.ts';

/**
 * Most tasks in one DescribeTasks and in a page of ListTasks, and most container instances in one DescribeContainerInstances
 * (ECS API reference).
 */
export const TASKS_PER_CALL = 100;
/** Most services in one DescribeServices (ECS API reference). */
export const SERVICES_PER_CALL = 10;

/**
 * ECS refuses a whole request for one id that cannot be a task's (InvalidParameterException, "taskId length should be one of
 * [32,36]"). Somebody may have registered an instance under such an id, or written it into a shard; it must not hold up a
 * hundred tasks.
 */
const TASK_ID = /^([\w-]{32}|[\w-]{36})$/;

/** What DescribeTasks says of one task. */
export type TaskAnswer =
  | { readonly kind: 'task'; readonly task: Task }
  /** ECS does not know it: it stopped more than about an hour ago, or never was. */
  | { readonly kind: 'missing' }
  /** ECS could not or would not say; nothing follows from that. */
  | { readonly kind: 'unknown'; readonly error: Error };

export interface Ecs {
  /** Looks at tasks of a cluster; a request that fails makes its tasks `unknown`, never missing. */
  describeTasks(cluster: string, ids: readonly TaskId[]): Promise<Map<TaskId, TaskAnswer>>;
  /** Ids of the tasks of a cluster, or of one service, that are meant to run. */
  listTasks(cluster: string, service?: string): Promise<TaskId[]>;
  describeTaskDefinition(arn: string): Promise<TaskDefinition>;
  /**
   * The Cloud Map services that ECS registers the tasks of each service in, by service name; none for a service that was
   * deleted. With the deployment controllers CODE_DEPLOY and EXTERNAL, each task set has its own; that of the primary one
   * comes first. A service that ECS does not speak of is absent.
   */
  describeServiceRegistries(
    cluster: string,
    services: readonly string[],
  ): Promise<Map<string, readonly ManagedCloudMapService[]>>;
  /** Tags of services, by service name; none for a service that was deleted. One that ECS does not speak of is absent. */
  describeServiceTags(
    cluster: string,
    services: readonly string[],
  ): Promise<Map<string, Readonly<Record<string, string>>>>;
  /** Tags of a cluster. */
  describeClusterTags(cluster: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Id of the EC2 instance behind each container instance, null where that is none (ECS Anywhere). A container instance
   * that ECS does not speak of is absent.
   */
  describeContainerInstances(cluster: string, arns: readonly string[]): Promise<Map<string, string | null>>;
}

/** @param wants.tags whether tasks are wanted with their tags */
export function createEcs(client: Sender<ECSClient>, wants: { readonly tags?: boolean } = {}): Ecs {
  async function describePortion(cluster: string, ids: readonly TaskId[]): Promise<[TaskId, TaskAnswer][]> {
    const request = new DescribeTasksCommand({ cluster, tasks: [...ids], ...(wants.tags && { include: ['TAGS'] }) });
    const { tasks = [], failures = [] } = await client.send(request);
    const answers = new Map<TaskId, TaskAnswer>();
    for (const failure of failures) {
      answers.set(
        lastPartOfArn(failure.arn ?? '') as TaskId,
        failure.reason === 'MISSING'
          ? { kind: 'missing' }
          : unknown(`DescribeTasks: ${failure.reason} ${failure.detail ?? ''}`),
      );
    }
    for (const described of tasks) {
      const id = lastPartOfArn(described.taskArn ?? '') as TaskId;
      try {
        answers.set(id, { kind: 'task', task: parseTask(described) });
      } catch (error) {
        if (!(error instanceof MalformedTask)) throw error;
        answers.set(id, { kind: 'unknown', error });
      }
    }
    return ids.map((id) => [id, answers.get(id) ?? unknown('DescribeTasks did not mention the task')]);
  }

  async function describeServices<Value>(
    cluster: string,
    names: readonly string[],
    { read, deleted, ...include }: { read: (service: Service) => Value; deleted: Value; include?: ['TAGS'] },
  ): Promise<Map<string, Value>> {
    const answers = await Promise.all(
      chunks(names, SERVICES_PER_CALL).map((services) =>
        client.send(new DescribeServicesCommand({ cluster, services, ...include })),
      ),
    );
    const missing = answers.flatMap(({ failures = [] }) => failures).filter(({ reason }) => reason === 'MISSING');
    const services = answers.flatMap((answer) => answer.services ?? []);
    return new Map([
      ...missing.map(({ arn = '' }) => [lastPartOfArn(arn), deleted] as const),
      ...services.map((service) => [service.serviceName ?? '', read(service)] as const),
    ]);
  }

  return {
    async describeTasks(cluster, ids) {
      const possible = ids.filter((id) => TASK_ID.test(id));
      const portions = await Promise.all(
        chunks(possible, TASKS_PER_CALL).map((portion) =>
          describePortion(cluster, portion).catch((error: unknown): [TaskId, TaskAnswer][] =>
            portion.map((id) => [id, { kind: 'unknown', error: asError(error) }]),
          ),
        ),
      );
      const answers = new Map(portions.flat());
      return new Map(ids.map((id) => [id, answers.get(id) ?? { kind: 'missing' }]));
    },

    async listTasks(cluster, serviceName) {
      const arns = await allPages(async (nextToken) => {
        const page = await client.send(
          new ListTasksCommand({ cluster, serviceName, nextToken, maxResults: TASKS_PER_CALL }),
        );
        return { items: page.taskArns ?? [], next: page.nextToken };
      });
      return arns.map((arn) => lastPartOfArn(arn) as TaskId);
    },

    async describeTaskDefinition(arn) {
      const { taskDefinition } = await client
        .send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }))
        .catch((error: unknown) => {
          // AWS says "Unable to describe task definition." and not which one; its name and kind are kept.
          if (error instanceof Error) error.message = `${arn}: ${error.message}`;
          throw error;
        });
      if (!taskDefinition) throw new Error(`DescribeTaskDefinition did not answer for ${arn}`);
      return definitionOf(arn, taskDefinition);
    },

    async describeServiceRegistries(cluster, names) {
      // The last tasks of a service that was deleted are registered nowhere any more.
      return describeServices(cluster, names, { read: managedServicesOf, deleted: [] });
    },

    async describeServiceTags(cluster, names) {
      return describeServices(cluster, names, { read: tagsOf, deleted: {}, include: ['TAGS'] });
    },

    async describeClusterTags(cluster) {
      const request = new DescribeClustersCommand({ clusters: [cluster], include: ['TAGS'] });
      const [described] = (await client.send(request)).clusters ?? [];
      if (!described) throw new Error(`DescribeClusters did not answer for ${cluster}`);
      return tagsOf(described);
    },

    async describeContainerInstances(cluster, arns) {
      const answers = await Promise.all(
        chunks(arns, TASKS_PER_CALL).map((containerInstances) =>
          client.send(new DescribeContainerInstancesCommand({ cluster, containerInstances })),
        ),
      );
      return new Map(
        answers
          .flatMap(({ containerInstances = [] }) => containerInstances)
          .map(({ containerInstanceArn = '', ec2InstanceId }) => [
            containerInstanceArn,
            ec2InstanceId?.startsWith('i-') ? ec2InstanceId : null,
          ]),
      );
    },
  };
}

const unknown = (message: string): TaskAnswer => ({ kind: 'unknown', error: new Error(message) });
