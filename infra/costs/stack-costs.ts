/**
 * What a stack costs a month because it is there, counted from its resources: what is paid by the hour or by the piece.
 * What depends on use (samples, events, logs, traffic) is not in it.
 */
import type { Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { CfnAlarm, CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnEIP, CfnLaunchTemplate, CfnNatGateway } from 'aws-cdk-lib/aws-ec2';
import { type CfnService, type CfnTaskDefinition, FargateService } from 'aws-cdk-lib/aws-ecs';
import { CfnWorkspace } from 'aws-cdk-lib/aws-grafana';
import { CfnPrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Cost } from './costs.ts';
import { HOURS, PRICES } from './prices.ts';

export interface StackCosts {
  readonly costs: readonly Cost[];
  /** What costs money and has no price here, in words. */
  readonly unpriced: readonly string[];
}

type Kind<T> = abstract new (...parameters: never[]) => T;

export function stackCosts(stack: Stack): StackCosts {
  const all = <T>(kind: Kind<T>): T[] => stack.node.findAll().filter((one) => one instanceof kind) as T[];
  const pieces = <T>(item: string, found: readonly T[], price: number): Cost[] =>
    found.length === 0 ? [] : [{ item: counted(found.length, item), dollars: found.length * price }];
  const instances = instancesOf(all(CfnAutoScalingGroup), all(CfnLaunchTemplate));
  return {
    costs: [
      ...pieces('NAT gateway', all(CfnNatGateway), HOURS * PRICES.natGatewayHour),
      ...pieces('public address', all(CfnEIP), HOURS * PRICES.publicAddressHour),
      ...instances.costs,
      ...all(FargateService).map(fargateCost),
      ...pieces('private DNS zone', all(CfnPrivateDnsNamespace), PRICES.hostedZone),
      ...pieces(
        'advanced parameter',
        all(CfnParameter).filter(({ tier }) => tier === 'Advanced'),
        PRICES.advancedParameter,
      ),
      ...pieces('alarm', all(CfnAlarm), PRICES.alarm),
      ...pieces('dashboard', all(CfnDashboard), PRICES.dashboard),
    ],
    unpriced: [...instances.unpriced, ...all(CfnWorkspace).map(() => GRAFANA)],
  };
}

const counted = (count: number, item: string): string => (count === 1 ? item : `${count} ${item}s`);

/** The tasks of a service, of any size. */
function fargateCost(service: FargateService): Cost {
  const task = service.taskDefinition.node.defaultChild as CfnTaskDefinition;
  const { desiredCount = 1, serviceName } = service.node.findChild('Service') as CfnService;
  const arm = JSON.stringify(task.runtimePlatform ?? {}).includes('ARM64');
  const { fargateCpuHour: cpu, fargateGigabyteHour: gigabyte } = arm ? PRICES.arm : PRICES.x86;
  const hour = (Number(task.cpu) / 1024) * cpu + (Number(task.memory) / 1024) * gigabyte;
  return {
    item: `${desiredCount} × Fargate task of ${serviceName}`,
    dollars: desiredCount * HOURS * hour,
  };
}

function instancesOf(groups: readonly CfnAutoScalingGroup[], templates: readonly CfnLaunchTemplate[]): StackCosts {
  const count = groups.reduce((sum, { minSize }) => sum + Number(minSize), 0);
  if (count === 0) return { costs: [], unpriced: [] };
  const [template] = templates.map(
    ({ launchTemplateData }) => launchTemplateData as CfnLaunchTemplate.LaunchTemplateDataProperty,
  );
  const type = template?.instanceType ?? '';
  const price = new Map(Object.entries<number>(PRICES.instanceHour)).get(type);
  const disks = { item: counted(count, 'disk'), dollars: count * INSTANCE_DISK * PRICES.diskGigabyte };
  return price === undefined
    ? { costs: [disks], unpriced: [`${count} × ${type} (the price is not known here)`] }
    : { costs: [{ item: `${count} × ${type}`, dollars: count * HOURS * price }, disks], unpriced: [] };
}

const GRAFANA = 'Amazon Managed Grafana by user ($9 an editor, $5 a viewer)';

/** Gigabytes; see InstanceCapacity. */
const INSTANCE_DISK = 30;
