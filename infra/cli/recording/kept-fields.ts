/**
 * What a recording keeps of an answer: the fields that decide something, and no other. So environment values, secrets,
 * overrides, commands and log settings never get into a file, whatever AWS adds to its answers.
 */
import * as z from 'zod/mini';

const any = z.optional(z.unknown());
const keep = <const Name extends string>(...names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, any])));
const listOf = <Item extends z.ZodMiniType>(item: Item) => z.optional(z.array(item));

const container = z.object({
  name: any,
  essential: any,
  dockerLabels: any,
  portMappings: any,
  // That there is one decides; its command may hold anything.
  healthCheck: z.optional(
    z.pipe(
      z.unknown(),
      z.transform(() => ({})),
    ),
  ),
});

const task = z.object({
  ...keep(
    ...['taskArn', 'clusterArn', 'taskDefinitionArn', 'group', 'startedBy', 'lastStatus', 'desiredStatus', 'version'],
    ...['launchType', 'availabilityZone', 'containerInstanceArn', 'platformFamily', 'platformVersion', 'healthStatus'],
    ...['createdAt', 'startedAt', 'stoppingAt', 'stoppedAt', 'attachments', 'tags'],
  ).shape,
  containers: listOf(keep('name', 'lastStatus', 'networkBindings', 'networkInterfaces')),
});

const networkInterface = z.object({ Attachment: z.optional(keep('DeviceIndex')), Ipv6Addresses: any });
const instance = z.object({
  ...keep('InstanceId', 'PrivateIpAddress', 'Ipv6Address').shape,
  NetworkInterfaces: listOf(networkInterface),
});

/** By operation; an operation that is not here is not about a task. */
export const KEPT_FIELDS: Readonly<Record<string, z.ZodMiniType>> = {
  DescribeTasks: z.object({ tasks: listOf(task), failures: any }),
  DescribeTaskDefinition: z.object({
    taskDefinition: z.optional(
      z.object({
        ...keep('taskDefinitionArn', 'family', 'revision', 'networkMode').shape,
        containerDefinitions: listOf(container),
      }),
    ),
  }),
  DescribeServices: z.object({
    services: listOf(
      z.object({
        ...keep('serviceName', 'serviceRegistries', 'tags').shape,
        taskSets: listOf(keep('status', 'serviceRegistries')),
      }),
    ),
    failures: any,
  }),
  DescribeClusters: z.object({ clusters: listOf(keep('clusterArn', 'clusterName', 'tags')), failures: any }),
  DescribeContainerInstances: z.object({
    containerInstances: listOf(keep('containerInstanceArn', 'ec2InstanceId')),
    failures: any,
  }),
  DescribeInstances: z.object({ Reservations: listOf(z.object({ Instances: listOf(instance) })), NextToken: any }),
  GetParameters: z.object({ Parameters: listOf(keep('Name', 'Value', 'Version')) }),
  GetParameter: z.object({ Parameter: z.optional(keep('Name', 'Value', 'Version')) }),
  ListNamespaces: z.object({ Namespaces: listOf(keep('Id', 'Name')), NextToken: any }),
  ListServices: z.object({ Services: listOf(keep('Id', 'Arn', 'Name')), NextToken: any }),
  ListTagsForResource: z.object({ Tags: any }),
  GetInstance: z.object({ Instance: z.optional(keep('Id', 'Attributes')) }),
};
