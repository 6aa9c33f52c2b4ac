/** Alarms and the CloudWatch dashboard: about this deployment, and within what CloudWatch takes. */
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { METRICS, METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';
import { createTelemetry } from '../../../functions/lambda/telemetry.ts';
import { type Json, only, resources, stack } from '../resources.ts';
import { type Context, removeSynthesised, synthesise } from '../synth.ts';

const NAMED = { clusters: 'prod,staging', namespaces: 'ecs-services', collectors: 2 };

afterAll(removeSynthesised);

interface Dimension {
  readonly Name: string;
  readonly Value: unknown;
}

/** `EventAgeAtPublish of prod, ecs-prometheus-discovery, observe`; the alarms on our own metrics alone. */
const alarmedMetrics = (template = stack('', NAMED)): string[] =>
  resources(template, 'AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => Properties)
    .filter(({ Namespace }) => Namespace === METRICS_NAMESPACE)
    .map(({ MetricName, Dimensions }) => {
      const dimensions = Dimensions as Dimension[];
      return `${MetricName} by ${dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()}`;
    })
    .sort();

/** What CloudWatch makes of a count, by the line in the log of the function. */
const publishedMetric = (service: string, metric: string, dimensions: Parameters<typeof count>[2]): string => {
  const lines: string[] = [];
  // Powertools has a console of its own.
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line: unknown) => lines.push(String(line)) > 0);
  count(service, metric, dimensions);
  write.mockRestore();
  const line = JSON.parse(lines.join('')) as Json & {
    _aws: { CloudWatchMetrics: [{ Namespace: string; Dimensions: [string[]]; Metrics: [{ Name: string }] }] };
  };
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  expect(Namespace).toBe(METRICS_NAMESPACE);
  return `${Metrics[0].Name} by ${Dimensions[0].map((name) => `${name}=${line[name]}`).sort()}`;
};
const count = (service: string, metric: string, dimensions: { cluster?: string; reason?: string }) =>
  createTelemetry(service, 'ecs-prometheus-discovery').report.count(metric, 1, dimensions);

const bodyOf = (template = stack('', NAMED)): { widgets: { type: string; properties: Json }[] } => {
  const { DashboardBody } = only(template, 'AWS::CloudWatch::Dashboard').Properties;
  const { 'Fn::Join': join } = DashboardBody as { 'Fn::Join': [string, unknown[]] };
  return JSON.parse(join[1].map((part) => (typeof part === 'string' ? part : 'x')).join(''));
};

describe('the alarms', () => {
  it('watch metrics exactly as the functions publish them, deployment and all', () => {
    const published = [
      ['observe', METRICS.eventAge],
      ['resync', METRICS.drift],
      ['resync', METRICS.held],
      ['resync', METRICS.problems],
      ['store', METRICS.fullness],
    ].flatMap(([service = '', metric = '']) =>
      ['prod', 'staging'].map((cluster) => publishedMetric(service, metric, { cluster })),
    );
    expect(alarmedMetrics()).toEqual(published.sort());
  });

  it('of two deployments that watch one cluster have no metric in common', () => {
    const of = (deployment: string) =>
      alarmedMetrics(synthesise({ clusters: 'prod', deployment }).stacks[deployment] ?? stack('', NAMED));
    expect(of('team-a')).toHaveLength(5);
    expect(of('team-a').filter((metric) => of('team-b').includes(metric))).toEqual([]);
  });

  it('are silent where nothing happens', () => {
    const alarms = resources(stack('', NAMED), 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(20);
    for (const [, { Properties }] of alarms) expect(Properties['TreatMissingData']).toBe('notBreaching');
  });

  it('are not there when they are not wanted', () => {
    stack('', { ...NAMED, alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});

describe('the CloudWatch dashboard', () => {
  it('has a name for each Region, because names are global to an account', () => {
    expect(only(stack('', NAMED), 'AWS::CloudWatch::Dashboard').Properties['DashboardName']).toEqual({
      'Fn::Join': ['', ['ecs-prometheus-discovery-', { Ref: 'AWS::Region' }]],
    });
  });

  it('shows all alarms, 100 in a widget at most', () => {
    const many: Context = { clusters: Array.from({ length: 25 }, (_, index) => `c${index}`), shards: 1 };
    const widgets = bodyOf(stack('', many)).widgets.filter(({ type }) => type === 'alarm');
    const counts = widgets.map(({ properties }) => (properties['alarms'] as unknown[]).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(100);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(resources(stack('', many), 'AWS::CloudWatch::Alarm').length);
    expect(counts.length).toBeGreaterThan(1);
  });

  it('shows metrics of this deployment alone', () => {
    const series = bodyOf().widgets.flatMap(({ properties }) => (properties['metrics'] ?? []) as unknown[][]);
    const own = series.map((one) => JSON.stringify(one)).filter((one) => one.includes(METRICS_NAMESPACE));
    expect(own.length).toBeGreaterThan(20);
    for (const one of own) expect(one).toMatch(/deployment(",|=\\)"ecs-prometheus-discovery/);
  });

  it('shows every metric that the functions publish, but for what only logs explain', () => {
    const body = JSON.stringify(bodyOf());
    expect(Object.values(METRICS).filter((name) => !body.includes(name))).toEqual([METRICS.poison]);
  });

  it('is not there when it is not wanted', () => {
    stack('', { ...NAMED, dashboard: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});
