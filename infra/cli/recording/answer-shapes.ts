/**
 * What the look-ups take for granted in an answer, because AWS always answers so: lists are lists, and text is text. A person
 * who edits a recording may get it wrong.
 */
import * as z from 'zod/mini';

const text = z.optional(z.string());
const textRecord = z.optional(z.record(z.string(), z.string()));
const listOf = <Item extends z.ZodMiniType>(item: Item) => z.optional(z.array(item));
const things = listOf(z.looseObject({}));

const portMapping = z.object({
  containerPort: z.optional(z.number()),
  hostPort: z.optional(z.number()),
  protocol: text,
});
const container = z.object({ name: text, dockerLabels: textRecord, portMappings: listOf(portMapping) });
const definition = z.object({ family: text, networkMode: text, containerDefinitions: listOf(container) });

const registries = listOf(z.object({ registryArn: text }));
const service = z.object({
  serviceRegistries: registries,
  tags: things,
  taskSets: listOf(z.object({ status: text, serviceRegistries: registries })),
});

const networkInterface = z.object({
  Attachment: z.optional(z.looseObject({})),
  Ipv6Addresses: listOf(z.object({ Ipv6Address: text })),
});
const instance = z.object({
  InstanceId: text,
  PrivateIpAddress: text,
  Ipv6Address: text,
  NetworkInterfaces: listOf(networkInterface),
});

const parameter = z.object({ Name: text, Value: text, Version: z.optional(z.number()) });
const cloudMapName = z.object({ Id: text, Arn: text, Name: text });

/** By operation. */
export const ANSWER_SHAPES: Readonly<Record<string, z.ZodMiniType>> = {
  DescribeTasks: z.object({
    tasks: listOf(z.object({ taskArn: z.string(), clusterArn: text })),
    failures: listOf(z.object({ arn: text, reason: text })),
  }),
  DescribeTaskDefinition: z.object({ taskDefinition: z.optional(definition) }),
  DescribeServices: z.object({ services: listOf(service), failures: things }),
  DescribeClusters: z.object({ clusters: listOf(z.object({ clusterArn: text, tags: things })), failures: things }),
  DescribeContainerInstances: z.object({
    containerInstances: listOf(z.object({ containerInstanceArn: text, ec2InstanceId: text })),
    failures: things,
  }),
  DescribeInstances: z.object({ Reservations: listOf(z.object({ Instances: listOf(instance) })) }),
  GetParameters: z.object({ Parameters: listOf(parameter) }),
  GetParameter: z.object({ Parameter: z.optional(parameter) }),
  ListNamespaces: z.object({ Namespaces: listOf(cloudMapName) }),
  ListServices: z.object({ Services: listOf(cloudMapName) }),
  ListTagsForResource: z.object({ Tags: listOf(z.object({ Key: text, Value: text })) }),
  GetInstance: z.object({ Instance: z.optional(z.object({ Id: text, Attributes: textRecord })) }),
};
