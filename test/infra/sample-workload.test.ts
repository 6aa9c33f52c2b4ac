/** The sample workload, and how it says how to scrape it. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { container, containers, EXISTING } from './containers.ts';
import { resources, stack } from './resources.ts';
import { removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

describe('the sample workload', () => {
  it('is registered by ECS, in a service whose tags say how to scrape it, as in the reference system', () => {
    stack('workload').hasResourceProperties('AWS::ServiceDiscovery::Service', {
      Name: 'webapp-svc',
      DnsConfig: { DnsRecords: [Match.objectLike({ Type: 'A' })] },
      Tags: [
        { Key: 'ECS_METRICS_PATH', Value: '/metrics' },
        { Key: 'ECS_METRICS_PORT', Value: '9779' },
        { Key: 'METRICS_PATH', Value: '/metrics' },
        { Key: 'METRICS_PORT', Value: '3000' },
      ],
    });
    stack('workload').hasResourceProperties('AWS::ECS::Service', {
      ServiceName: 'webapp',
      DesiredCount: 2,
      ServiceRegistries: [Match.objectLike({ RegistryArn: Match.anyValue() })],
    });
  });

  it('has the upstream ECS exporter beside the application, which does not depend on it', () => {
    expect(container(stack('workload'), 'ecs-exporter')).toMatchObject({
      Image: 'quay.io/prometheuscommunity/ecs-exporter:v0.4.0',
      Essential: false,
      PortMappings: [{ ContainerPort: 9779, Protocol: 'tcp' }],
    });
    expect(container(stack('workload'), 'webapp')).toMatchObject({
      Essential: true,
      PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
    });
  });

  it('has a node exporter on every instance that the discovery registers, and that goes before its registry', () => {
    const template = stack('workload');
    template.hasResourceProperties('AWS::ServiceDiscovery::Service', {
      Name: 'node-exporter-svc',
      Type: 'HTTP',
      Tags: Match.arrayWith([
        { Key: 'ecs-prometheus-discovery:owner', Value: 'ecs-prometheus-discovery' },
        { Key: 'METRICS_PATH', Value: '/metrics' },
        { Key: 'METRICS_PORT', Value: '9100' },
      ]),
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      NetworkMode: 'host',
      ContainerDefinitions: [Match.objectLike({ Image: 'quay.io/prometheus/node-exporter:v1.12.1' })],
    });
    const [cleanup] = resources(template, 'Custom::CloudMapRegistrations');
    const daemon = resources(template, 'AWS::ECS::Service').find(
      ([, { Properties }]) => Properties['SchedulingStrategy'] === 'DAEMON',
    );
    expect(daemon?.[1].Properties['ServiceName']).toBe('node-exporter-svc');
    expect(daemon?.[1].DependsOn).toContain(cleanup?.[0]);
  });

  it.each([
    ['where there is no namespace', { namespaces: '' }],
    ['in an existing cluster', EXISTING],
  ])('says by docker labels how to scrape it %s', (_, settings) => {
    const template = stack('workload', settings);
    template.resourceCountIs('AWS::ServiceDiscovery::Service', 0);
    const labels = containers(template).map(({ Name, DockerLabels }) => [Name, DockerLabels]);
    expect(Object.fromEntries(labels)).toEqual({
      webapp: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' },
      'ecs-exporter': { ECS_PROMETHEUS_EXPORTER_PORT: '9779' },
      'node-exporter': { ECS_PROMETHEUS_EXPORTER_PORT: '9100' },
    });
  });

  it('lets the collectors in, and nobody else, in an existing network', () => {
    stack('workload', EXISTING).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Sample workload',
    });
    const rules = resources(stack('workload', EXISTING), 'AWS::EC2::SecurityGroupIngress');
    expect(rules.map(([, { Properties }]) => Properties['FromPort']).sort()).toEqual([3000, 9779]);
    for (const [, { Properties }] of rules)
      expect(JSON.stringify(Properties['SourceSecurityGroupId'])).toContain('CollectorSecurityGroup');
  });
});
