import { describe, expect, it } from '@jest/globals';
import type { ScrapeRule } from '../../../../functions/discovery/selection/scrape-rule.ts';
import { selectEndpoints } from '../../../../functions/discovery/selection/select-endpoints.ts';
import type { ContainerDefinition } from '../../../../functions/discovery/task/task-definition.ts';
import { aTask } from '../../../factories/tasks.ts';

const APP: ContainerDefinition = {
  name: 'app',
  containerPorts: [8080, 9404],
  dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '8080', ECS_PROMETHEUS_METRICS_PATH: '/app' },
};
const ENVOY: ContainerDefinition = { name: 'envoy', containerPorts: [9901], dockerLabels: {} };
const TAGGED = { id: 'srv-1', name: 'shop', namespace: 'ns', tags: { METRICS_PATH: '/tag', METRICS_PORT: '3000' } };

/** Container, port, path and job of each endpoint. */
function select(rules: readonly ScrapeRule[], containers: readonly ContainerDefinition[], services = {}): string[] {
  const definition = { arn: 'arn', networkMode: 'awsvpc', containers };
  return selectEndpoints(aTask(), definition, services, { scrapeRules: rules }).endpoints.map(
    ({ container = '', containerPort, path, job = '' }) => `${container}:${containerPort}${path} ${job}`.trim(),
  );
}

describe('rules beside docker labels', () => {
  const labelled = 'app:8080/app';

  it.each<[string, ScrapeRule, string[]]>([
    [
      'add the port of another container',
      { service: '*', container: 'envoy', port: 9901, path: '/stats' },
      ['envoy:9901/stats'],
    ],
    ['add another port of the same container', { service: 'shop', port: 9404, job: 'jmx' }, [':9404/metrics jmx']],
    ['of several ports add those that are mapped', { service: 'shop', port: [9901, 9113] }, [':9901/metrics']],
    ['say what the labels leave out', { service: 'shop', port: 8080, path: '/app', job: 'shop' }, [':8080/app shop']],
    ['do not contradict them about a port', { service: 'shop', port: 8080, path: '/metrics' }, []],
    ['do not add a port that no container maps', { service: 'shop', port: 7000 }, []],
    ['do not add a port that another container maps', { service: 'shop', container: 'app', port: 9901 }, []],
    ['do not add what another service has', { service: 'cart', port: 9901 }, []],
  ])('%s', (_, rule, added) => {
    expect(select([rule], [APP, ENVOY])).toEqual([labelled, ...added]);
  });

  it('leave out what a rule excludes', () => {
    const rules: ScrapeRule[] = [
      { service: '*', port: 9901 },
      { service: '*', container: 'envoy', exclude: true },
    ];
    expect(select(rules, [APP, ENVOY])).toEqual([labelled]);
  });
});

it('rules add to tags of the Cloud Map service, too', () => {
  const rules: ScrapeRule[] = [{ service: 'shop', port: [3000, 9901] }];
  expect(select(rules, [ENVOY], { tagged: TAGGED })).toEqual([':3000/tag', ':9901/metrics']);
});
