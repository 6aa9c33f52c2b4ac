/** What people write who use this project in their own CDK app. */
import { blocksOf, pageOf, sectionOf } from '../docs/pages.ts';

/** The program that the README shows, which is to be the whole of `bin/<app>.ts`. */
export function programOfReadme(): string {
  const [program, ...more] = blocksOf(sectionOf(pageOf('README.md'), 'Use it in your own CDK app'), 'ts');
  if (program === undefined || more.length > 0) throw new Error('README.md does not show exactly one program.');
  return program;
}

/** With all that this project brings along as a file: images, dashboards, functions. */
export const EVERYTHING = `
import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import {
  CollectorSecurityGroup,
  Collectors,
  EcsPrometheusDiscovery,
  GrafanaWorkspace,
  type Placement,
  type ScrapeRule,
  Webapp,
  Workspace,
} from 'ecs-prometheus-discovery';

const stack = new Stack(new App(), 'Everything');
const vpc = new Vpc(stack, 'Vpc');
const cluster = new Cluster(stack, 'Cluster', { vpc });
const scrapeRules: ScrapeRule[] = [{ service: 'orders-*', port: 9102 }];
const discovery = new EcsPrometheusDiscovery(stack, 'Discovery', {
  collectors: 1,
  clusters: [cluster],
  namespaces: ['internal'],
  scrapeRules,
});
const placement: Placement = {
  cluster,
  subnets: { subnets: vpc.privateSubnets },
  launchType: 'FARGATE',
  architecture: 'ARM64',
};
const workspace = new Workspace(stack, 'Workspace', { alias: 'team' });
const securityGroup = new CollectorSecurityGroup(stack, 'CollectorSecurityGroup', { vpc });
new Collectors(stack, 'Collectors', { discovery, workspace, placement, securityGroup });
new Webapp(stack, 'Webapp', { serviceName: 'webapp', placement, securityGroups: [securityGroup] });
new GrafanaWorkspace(stack, 'Grafana', { name: 'team', metrics: workspace });
`;

/** A test of theirs, for the Jest that \`cdk init\` sets up. */
export const THEIR_TEST = `
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ClusterByName, EcsPrometheusDiscovery } from 'ecs-prometheus-discovery';

test('targets are in parameters', () => {
  const stack = new Stack(new App(), 'Team');
  new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [new ClusterByName(stack, 'Cluster', 'prod')] });
  const Name = Match.stringLikeRegexp('/targets/');
  Template.fromStack(stack).resourcePropertiesCountIs('AWS::SSM::Parameter', { Name }, 4);
});
`;
