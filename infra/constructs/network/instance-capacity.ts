/** EC2 instances for an ECS cluster: an auto scaling group behind a capacity provider. */
import {
  AutoScalingGroup,
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  TerminationPolicy,
  UpdatePolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import {
  type Connections,
  type IConnectable,
  InstanceArchitecture,
  InstanceType,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import { AmiHardwareType, AsgCapacityProvider, type Cluster, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { broken, instanceNumbers } from '../../props/contradictions.ts';
import { misshapen, refuse } from '../../props/problems.ts';
import { COUNT, INSTANCE_TYPE } from '../../props/shapes.ts';
import { acknowledge } from '../acknowledge.ts';

export interface InstanceCapacityProps {
  /** The cluster that gets the instances. */
  readonly cluster: Cluster;
  /**
   * The network of the instances.
   * @default - the one of the cluster
   */
  readonly vpc?: IVpc;
  /**
   * The subnets of the instances.
   * @default - all private subnets of the network
   */
  readonly subnets?: SubnetSelection;
  /**
   * Instance type; its architecture decides the image.
   * @default 't4g.small'
   */
  readonly instanceType?: string;
  /**
   * Instances at least.
   * @default 2
   */
  readonly minInstances?: number;
  /**
   * Instances at most: ECS adds some while tasks find no room.
   * @default 4
   */
  readonly maxInstances?: number;
}

/** Gigabytes; the ECS-optimised image needs 30. */
const ROOT_VOLUME = 30;

const SHAPES = { instanceType: INSTANCE_TYPE, minInstances: COUNT, maxInstances: COUNT };

export class InstanceCapacity extends Construct implements IConnectable {
  readonly autoScalingGroup: AutoScalingGroup;
  /** Of the instances. */
  readonly connections: Connections;
  /** Name for `capacityProviderStrategies`. */
  readonly capacityProviderName: string;
  /** Lets nobody in by itself. */
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: InstanceCapacityProps) {
    super(scope, id);
    const { cluster, instanceType = 't4g.small', minInstances = 2, maxInstances = 4 } = props;
    refuse(this, [
      ...misshapen({ instanceType, minInstances, maxInstances }, SHAPES),
      ...broken([instanceNumbers([minInstances, maxInstances], ['minInstances', 'maxInstances'])]),
    ]);
    const { vpc = cluster.vpc, subnets = { subnetType: SubnetType.PRIVATE_WITH_EGRESS } } = props;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Instances of cluster ${cluster.node.path}`,
    });
    const type = new InstanceType(instanceType);
    const arm = type.architecture === InstanceArchitecture.ARM_64;
    const group = new AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: subnets,
      instanceType: type,
      machineImage: EcsOptimizedImage.amazonLinux2023(arm ? AmiHardwareType.ARM : AmiHardwareType.STANDARD),
      minCapacity: minInstances,
      maxCapacity: maxInstances,
      securityGroup: this.securityGroup,
      requireImdsv2: true,
      // Older images first: that is how an instance gets a new one without being replaced by hand.
      terminationPolicies: [TerminationPolicy.OLDEST_LAUNCH_TEMPLATE, TerminationPolicy.DEFAULT],
      // CloudFormation wants fewer in service than there may be: a single instance is replaced without another in its place.
      updatePolicy: UpdatePolicy.rollingUpdate({ minInstancesInService: Math.min(1, minInstances, maxInstances - 1) }),
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(ROOT_VOLUME, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    this.autoScalingGroup = group;
    this.connections = group.connections;
    // Tasks have roles of their own and must not take the one of the instance.
    group.addUserData('echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config');
    const provider = new AsgCapacityProvider(this, 'Provider', {
      autoScalingGroup: group,
      // ECS drains an instance before it goes (managed draining). Protection on top of that would keep CloudFormation
      // from ever deleting the group: nobody takes the protection away from the last instances.
      enableManagedTerminationProtection: false,
      enableManagedDraining: true,
    });
    cluster.addAsgCapacityProvider(provider);
    this.capacityProviderName = provider.capacityProviderName;
    acknowledge(group, {
      'AwsSolutions-IAM5[Action::ecs:Submit*]': 'CDK writes it: what the agent reports to this cluster.',
      'AwsSolutions-IAM5[Resource::*]':
        'CDK writes it for the agent: actions without a resource, or with a condition on the cluster.',
      'AwsSolutions-AS3': 'Instances come and go with the tasks; nobody has to be told of each.',
    });
  }
}
