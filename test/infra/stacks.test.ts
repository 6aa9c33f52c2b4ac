/** What stacks there are, and what they need of each other. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { EXISTING } from './containers.ts';
import { app, type Json, stack } from './resources.ts';
import { type Context, removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

describe('the stacks', () => {
  it('are four without settings, in the order in which each finds what it needs', () => {
    const { assembly } = app();
    const after = Object.fromEntries(
      assembly.stacks.map((one) => [
        one.id,
        one.dependencies.map(({ id }) => id).filter((id) => !id.endsWith('assets')),
      ]),
    );
    const name = 'ecs-prometheus-discovery';
    expect(after).toEqual({
      [`${name}-cluster`]: [],
      [name]: [`${name}-cluster`],
      [`${name}-metrics`]: expect.arrayContaining([name, `${name}-cluster`]),
      [`${name}-workload`]: expect.arrayContaining([name, `${name}-cluster`]),
    });
  });

  it('are the discovery alone with existing clusters, which depends on nothing', () => {
    const { assembly } = app({ clusters: 'prod,staging' });
    expect(assembly.stacks.map(({ id }) => id)).toEqual(['ecs-prometheus-discovery']);
    const outputs = Object.keys(stack('', { clusters: 'prod,staging' }).toJSON()['Outputs']);
    expect(outputs.filter((name) => name.startsWith('Exports'))).toEqual([]);
  });

  it('are named after the deployment', () => {
    const names = Object.keys(app({ deployment: 'team-a' }).stacks);
    expect(names).toEqual(expect.arrayContaining(['team-a', 'team-a-cluster', 'team-a-metrics', 'team-a-workload']));
  });

  it('need no account', () => {
    for (const { environment } of app().assembly.stacks) {
      expect(environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
    }
  });

  // CloudFormation refuses to take an export away that another stack imports, and who exports is deployed first.
  it.each<[string, Context, Context]>([
    ['the sample workload is turned off', {}, { workload: false }],
    ['the node exporter is turned off', {}, { nodeExporter: false }],
    ['the instances are taken away', {}, { ec2Instances: 0 }],
    ['the collectors are taken away', {}, { collector: false }],
    ['services move from the instances to Fargate', { launchType: 'EC2' }, {}],
    ['the sample workload is turned off in an existing cluster', EXISTING, { ...EXISTING, workload: false }],
    ['security groups are named later', EXISTING, { ...EXISTING, targetSecurityGroupIds: 'sg-0123456789abcdef0' }],
  ])('go on exporting what others still import when %s', (_, before, after) => {
    const exported = Object.values(app(after).stacks).flatMap((template) =>
      Object.values<Json>(template.toJSON()['Outputs'] ?? {}).map(
        ({ Export }) => (Export as Json | undefined)?.['Name'],
      ),
    );
    const imported = Object.entries(app(before).stacks)
      .filter(([name]) => name in app(after).stacks)
      .flatMap(([, template]) => JSON.stringify(template.toJSON()).match(/(?<="Fn::ImportValue":")[^"]+/g) ?? []);
    expect(imported).not.toHaveLength(0);
    expect(exported).toEqual(expect.arrayContaining(imported));
  });

  it('are as a whole what they were, assets aside', () => {
    const templates = Object.entries(app({ grafana: true }).stacks).map(([name, template]) => [
      name,
      template.toJSON(),
    ]);
    const text = JSON.stringify(Object.fromEntries(templates), null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash>');
    expect(JSON.parse(text)).toMatchSnapshot();
  });
});
