/** The requests that the stand-in understands. Fields it does not know are ignored, as options without effect here. */
import * as z from 'zod/mini';

const text = z.optional(z.string());
const names = z.array(z.string());
const page = { maxResults: z.optional(z.number()), nextToken: text };

export const REQUESTS = {
  ListTasks: z.object({
    cluster: text,
    serviceName: text,
    family: text,
    desiredStatus: z._default(z.enum(['RUNNING', 'PENDING', 'STOPPED']), 'RUNNING'),
    ...page,
  }),
  DescribeTasks: z.object({ cluster: text, tasks: names }),
  DescribeContainerInstances: z.object({ cluster: text, containerInstances: names }),
  RunTask: z.object({
    cluster: text,
    taskDefinition: z.string(),
    count: z._default(z.int().check(z.minimum(1), z.maximum(10)), 1),
  }),
  StopTask: z.object({ cluster: text, task: z.string(), reason: text }),
  DescribeClusters: z.object({ clusters: z._default(names, ['default']) }),
  ListServices: z.object({ cluster: text, ...page }),
  DescribeServices: z.object({ cluster: text, services: names }),
  CreateService: z.object({
    cluster: text,
    serviceName: z.string(),
    taskDefinition: z.string(),
    desiredCount: z._default(z.int().check(z.minimum(0)), 0),
    schedulingStrategy: z._default(z.enum(['REPLICA', 'DAEMON']), 'REPLICA'),
    serviceRegistries: z._default(z.array(z.object({ registryArn: z.string() })), []),
  }),
  UpdateService: z.object({
    cluster: text,
    service: z.string(),
    desiredCount: z.optional(z.int().check(z.minimum(0))),
    taskDefinition: text,
  }),
  DescribeTaskDefinition: z.object({ taskDefinition: z.string() }),
  DeregisterTaskDefinition: z.object({ taskDefinition: z.string() }),
  DeleteTaskDefinitions: z.object({ taskDefinitions: names }),
  RegisterTaskDefinition: z.object({
    family: z.string(),
    networkMode: z._default(z.enum(['awsvpc', 'bridge', 'host']), 'awsvpc'),
    cpu: z._default(z.string(), '256'),
    memory: z._default(z.string(), '512'),
    containerDefinitions: z.array(
      z.object({
        name: z.string(),
        image: z.string(),
        dockerLabels: z._default(z.record(z.string(), z.string()), {}),
        portMappings: z._default(
          z.array(z.object({ containerPort: z.int(), protocol: z._default(z.string(), 'tcp') })),
          [],
        ),
        environment: z._default(z.array(z.object({ name: z.string(), value: z.string() })), []),
        // Defaults of the ECS API reference, HealthCheck.
        healthCheck: z.optional(
          z.object({
            command: names,
            interval: z._default(z.int().check(z.minimum(5), z.maximum(300)), 30),
            retries: z._default(z.int().check(z.minimum(1), z.maximum(10)), 3),
          }),
        ),
      }),
    ),
  }),
} as const;

export type Operation = keyof typeof REQUESTS;

export type RequestOf<Name extends Operation> = z.infer<(typeof REQUESTS)[Name]>;

/** What answers each operation. */
export type Operations = { readonly [Name in Operation]: (request: RequestOf<Name>) => unknown };
