/** What is said of costs before anything is deployed. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { COSTS_MESSAGE } from '../../infra/costs/say-costs.ts';
import { type Context, removeSynthesised, synthesise } from './synth.ts';

afterAll(removeSynthesised);

/** By the name of the stack. */
const said = (settings: Context): Readonly<Record<string, string>> =>
  Object.fromEntries(
    synthesise(settings).assembly.stacks.map(({ stackName, messages }) => [
      stackName,
      messages
        .map(({ entry }) => String(entry.data))
        .filter((text) => text.includes(COSTS_MESSAGE))
        .join(),
    ]),
  );

const dollarsOf = (text = ''): number => Number(/about \$([\d.]+) a month/.exec(text)?.[1]);

describe('before it is deployed', () => {
  it('every stack says what it costs a month, and the first what all of them do', () => {
    const all = said({});
    expect(all['ecs-prometheus-discovery-cluster']).toContain(
      '(NAT gateway $32.85, public address $3.65, 2 × t4g.small $24.53, 2 disks $4.80, private DNS zone $0.50)',
    );
    expect(all['ecs-prometheus-discovery-metrics']).toContain(
      '(1 × Fargate task of ecs-prometheus-discovery-collector-0 $14.42, alarm $0.10)',
    );
    expect(all['ecs-prometheus-discovery-workload']).toContain('(2 × Fargate task of webapp $14.42)');
    const sum = Object.values(all)
      .map((text) => dollarsOf(text))
      .reduce((one, other) => one + other, 0);
    const together = /All 4 stacks: about \$(\d+\.\d\d)\./.exec(all['ecs-prometheus-discovery-cluster'] ?? '');
    expect(Number(together?.[1])).toBeCloseTo(sum, 1);
    expect(Object.values(all).filter((text) => text.includes('All 4 stacks'))).toHaveLength(1);
  });

  it('says what the metrics will cost, which is most of it with many series', () => {
    expect(said({})['ecs-prometheus-discovery-cluster']).toContain(
      '$15.77 for every 1,000 series that are scraped every 15 s',
    );
    expect(said({ scrapeIntervalSeconds: 60 })['ecs-prometheus-discovery-cluster']).toContain('$3.94 for every');
    expect(said({ clusters: 'prod' })['ecs-prometheus-discovery']).not.toContain('series');
  });

  it('follows the settings', () => {
    const of = (settings: Context, stack = '') => dollarsOf(said(settings)[`ecs-prometheus-discovery${stack}`]);
    expect(of({ clusters: 'prod' })).toBeGreaterThan(of({ clusters: 'prod', alarms: false, dashboard: false }) + 3);
    expect(of({ natGateways: 2 }, '-cluster') - of({}, '-cluster')).toBeCloseTo(36.5);
    expect(of({ collectors: 4 }, '-metrics')).toBeCloseTo(4 * of({}, '-metrics'), 1);
    expect(of({ architecture: 'X86_64', ec2InstanceType: 't3.small' }, '-workload')).toBeGreaterThan(
      of({}, '-workload'),
    );
    expect(of({ launchType: 'EC2' }, '-workload')).toBe(0);
  });

  it('names what it has no price for', () => {
    const text = said({ ec2InstanceType: 'm7g.large' })['ecs-prometheus-discovery-cluster'];
    expect(text).toContain('2 × m7g.large (the price is not known here)');
    expect(said({ grafana: true })['ecs-prometheus-discovery-metrics']).toContain('Amazon Managed Grafana by user');
  });
});
