/** The network and the cluster that the app makes. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { containers, NETWORK } from './containers.ts';
import { only, resources, stack, written } from './resources.ts';
import { removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

describe('network and cluster', () => {
  it('are a VPC with two public and two private subnets and one NAT gateway', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.10.0.0/16' });
    const ranges = (isPublic: boolean) =>
      resources(template, 'AWS::EC2::Subnet')
        .filter(([, { Properties }]) => Properties['MapPublicIpOnLaunch'] === isPublic)
        .map(([, { Properties }]) => Properties['CidrBlock']);
    expect(ranges(true)).toEqual(['10.10.0.0/18', '10.10.64.0/18']);
    expect(ranges(false)).toEqual(['10.10.128.0/18', '10.10.192.0/18']);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    stack('cluster', { natGateways: 2, vpcCidr: '10.20.0.0/20' }).resourceCountIs('AWS::EC2::NatGateway', 2);
  });

  it('let collectors in on the scraped ports and nobody else on any', () => {
    const rules = resources(stack('cluster'), 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => [
      written(Properties['SourceSecurityGroupId']),
      `${Properties['FromPort']}-${Properties['ToPort']}`,
      written(Properties['GroupId']),
    ]);
    const collector = '<CollectorSecurityGroup.GroupId>';
    expect(rules.sort()).toEqual([
      [collector, '3000-3000', '<ScrapedSecurityGroup.GroupId>'],
      [collector, '9100-9100', '<InstancesSecurityGroup.GroupId>'],
      [collector, '9779-9779', '<ScrapedSecurityGroup.GroupId>'],
    ]);
    for (const [, { Properties }] of resources(stack('cluster'), 'AWS::EC2::SecurityGroup')) {
      expect(Properties['SecurityGroupIngress']).toBeUndefined();
    }
  });

  it('let collectors out to AWS and to what they scrape', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('^Collectors'),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
    });
    const ports = resources(template, 'AWS::EC2::SecurityGroupEgress').map(
      ([, { Properties }]) => Properties['FromPort'],
    );
    expect(ports.sort()).toEqual([3000, 9100, 9779]);
  });

  it('have two to four instances, encrypted, with IMDSv2, under a name that ECS takes', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MinSize: '2', MaxSize: '4' });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: Match.objectLike({
        InstanceType: 't4g.small',
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true }) })],
      }),
    });
    // ECS refuses names that start with aws, ecs or fargate; CloudFormation would make one of the stack's name.
    const { Properties } = only(template, 'AWS::ECS::CapacityProvider');
    expect(Properties['Name']).not.toMatch(/^(aws|ecs|fargate)/i);
    // CloudFormation could not delete the group otherwise.
    expect(Properties['AutoScalingGroupProvider']).toMatchObject({
      ManagedTerminationProtection: 'DISABLED',
      ManagedDraining: 'ENABLED',
    });
  });

  it.each([
    [2, 4, 1],
    [1, 2, 1],
    [1, 1, 0],
  ])('replace %d to %d instances one by one, with %d in service, fewer than there may be', (least, most, serving) => {
    const template = stack('cluster', { ec2Instances: least, ec2MaxInstances: most });
    const { UpdatePolicy } = only(template, 'AWS::AutoScaling::AutoScalingGroup');
    expect(UpdatePolicy).toMatchObject({ AutoScalingRollingUpdate: { MinInstancesInService: serving } });
  });

  it('have no instances when none are wanted', () => {
    const template = stack('cluster', { ec2Instances: 0 });
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 0);
    template.resourceCountIs('AWS::ECS::CapacityProvider', 0);
    expect(containers(stack('workload', { ec2Instances: 0 })).map(({ Name }) => Name)).not.toContain('node-exporter');
  });

  it('can be in a VPC that exists', () => {
    const template = stack('cluster', NETWORK);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.hasResourceProperties('AWS::ServiceDiscovery::PrivateDnsNamespace', { Vpc: NETWORK.vpcId });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: [NETWORK.subnetIds] });
  });
});
