/** What ECS says about the network of a task: its interface, and the ports that Docker published on its host. */
import * as z from 'zod/mini';

/** A port of a container and the host's port for it, or the first ports of two ranges of the same length. */
export interface NetworkBinding {
  readonly containerPort: number;
  readonly hostPort: number;
  /** How many ports in a row are bound; absent for one. */
  readonly count?: number;
  /** Bound for UDP; absent for TCP. */
  readonly isUdp?: true;
  /** Bound to an IPv6 address of the host (`::`); absent where it is IPv4 or not known. */
  readonly isIpv6?: true;
}

/** A target is scraped at an address, not at a name that may come to mean another one. */
export const addressShape = z.union([z.ipv4(), z.ipv6()]);
export const portShape = z.int().check(z.minimum(1), z.maximum(65_535));

const isPort = (port: number): boolean => portShape.safeParse(port).success;
const isAddress = (text: string): boolean => addressShape.safeParse(text).success;

export const attachmentShape = z.object({
  type: z.nullish(z.string()),
  details: z.nullish(z.array(z.object({ name: z.nullish(z.string()), value: z.nullish(z.string()) }))),
});

export const bindingShape = z.object({
  containerPort: z.nullish(z.number()),
  hostPort: z.nullish(z.number()),
  containerPortRange: z.nullish(z.string()),
  hostPortRange: z.nullish(z.string()),
  protocol: z.nullish(z.string()),
  bindIP: z.nullish(z.string()),
});

export const interfaceShape = z.object({
  privateIpv4Address: z.nullish(z.string()),
  ipv6Address: z.nullish(z.string()),
});

type Attachment = z.infer<typeof attachmentShape>;
type Binding = z.infer<typeof bindingShape>;
type Interface = z.infer<typeof interfaceShape>;

/** One binding, or none where ECS names no ports, or ports that there are not. */
export const bindingsOf = (binding: Binding): NetworkBinding[] =>
  namedIn(binding).filter(
    ({ containerPort, hostPort, count = 1 }) =>
      count > 0 && [containerPort, hostPort, containerPort + count - 1, hostPort + count - 1].every(isPort),
  );

function namedIn(binding: Binding): NetworkBinding[] {
  const { containerPort, hostPort } = binding;
  const kind = {
    ...(binding.protocol?.toLowerCase() === 'udp' && { isUdp: true as const }),
    ...(binding.bindIP?.includes(':') && { isIpv6: true as const }),
  };
  if (containerPort && hostPort) return [{ containerPort, hostPort, ...kind }];
  const container = rangeOf(binding.containerPortRange);
  const host = rangeOf(binding.hostPortRange);
  if (!container || !host) return [];
  return [{ containerPort: container.first, hostPort: host.first, count: container.count, ...kind }];
}

/** `9000-9005`, as ECS writes a range of ports. */
function rangeOf(text: string | null | undefined): { first: number; count: number } | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text ?? '') ?? [];
  return first && last ? { first: Number(first), count: Number(last) - Number(first) + 1 } : undefined;
}

/** Private address of the task's own interface, IPv4 where there is one. */
export const addressOf = (attachments: readonly Attachment[], interfaces: readonly Interface[]): string | undefined =>
  [
    detailOf(attachments, 'privateIPv4Address'),
    ...interfaces.map(({ privateIpv4Address }) => privateIpv4Address),
    ...interfaces.map(({ ipv6Address }) => ipv6Address),
  ].find((it): it is string => typeof it === 'string' && isAddress(it));

/** The subnet of the task's own interface. */
export const subnetOf = (attachments: readonly Attachment[]): string | undefined => detailOf(attachments, 'subnetId');

/** The attachment is called `eni` in events and `ElasticNetworkInterface` in DescribeTasks. */
const detailOf = (attachments: readonly Attachment[], wanted: string): string | undefined =>
  attachments
    .filter(({ type }) => type === 'eni' || type === 'ElasticNetworkInterface')
    .flatMap(({ details }) => details ?? [])
    .find(({ name, value }) => name === wanted && value)?.value ?? undefined;
