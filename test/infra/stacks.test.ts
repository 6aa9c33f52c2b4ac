/** What stacks there are, and what they need of each other. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { app, stack } from './resources.ts';
import { removeSynthesised } from './synth.ts';

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

  it('are as a whole what they were, assets aside', () => {
    const templates = Object.entries(app({ grafana: true }).stacks).map(([name, template]) => [
      name,
      template.toJSON(),
    ]);
    const text = JSON.stringify(Object.fromEntries(templates), null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash>');
    expect(JSON.parse(text)).toMatchSnapshot();
  });
});
