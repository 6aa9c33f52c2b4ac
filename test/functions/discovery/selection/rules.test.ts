import { describe, expect, it } from '@jest/globals';
import { exclusionOf, selectByRules } from '../../../../functions/discovery/selection/rules.ts';
import type { ScrapeRule } from '../../../../functions/discovery/selection/scrape-rule.ts';
import type { ContainerDefinition } from '../../../../functions/discovery/task/task-definition.ts';

const SHOP = { service: 'shop', family: 'shop' };

const container = (name: string, ...containerPorts: number[]): ContainerDefinition => ({
  name,
  containerPorts,
  dockerLabels: { env: 'stage' },
});

const select = (
  rules: readonly ScrapeRule[],
  containers: readonly ContainerDefinition[] = [],
  carried: readonly string[] = [],
) => selectByRules(rules, SHOP, { containers }, carried).endpoints;

describe('rules', () => {
  it('each add an endpoint where they match', () => {
    const rules = [
      { service: 'sh*', port: 3000 },
      { service: 'other', port: 1 },
      { taskDefinition: 'shop', port: 9779, path: '/ecs', job: 'ecs' },
    ];
    expect(select(rules)).toEqual([
      { containerPort: 3000, path: '/metrics', scheme: 'http' },
      { containerPort: 9779, path: '/ecs', scheme: 'http', job: 'ecs' },
    ]);
  });

  it('may name several ports, scheme, query and labels', () => {
    const rule: ScrapeRule = {
      service: 'shop',
      port: [9113, 9404],
      path: 'stats?format=text',
      scheme: 'https',
      params: { module: 'web' },
      labels: { team: 'edge' },
    };
    const endpoint = {
      path: '/stats',
      scheme: 'https',
      params: { format: 'text', module: 'web' },
      labels: { team: 'edge' },
    };
    expect(select([rule])).toEqual([
      { containerPort: 9113, ...endpoint },
      { containerPort: 9404, ...endpoint },
    ]);
  });

  it('of several ports mean those that a container maps, as the observer reads metrics_ports', () => {
    const rule: ScrapeRule = { service: 'shop', port: [9113, 9404, 9901] };
    const ports = (...containers: ContainerDefinition[]) => select([rule], containers).map((it) => it.containerPort);
    expect(ports(container('web', 80, 9404), container('nginx', 9113))).toEqual([9113, 9404]);
    // In awsvpc and host mode a port needs no mapping.
    expect(ports(container('web', 80))).toEqual([9113, 9404, 9901]);
    expect(select([{ service: 'shop', port: 9404 }], [container('web', 80)])).toHaveLength(1);
  });

  it('carry the docker labels of the only container that has the port', () => {
    const labelsWith = (...containers: ContainerDefinition[]) =>
      select([{ service: 'shop', port: 9113 }], containers, ['env'])[0]?.labels;
    expect(labelsWith(container('nginx', 9113), container('web', 80))).toEqual({ env: 'stage' });
    expect(labelsWith(container('nginx', 9113), container('web', 9113))).toBeUndefined();
    expect(labelsWith(container('web', 80))).toBeUndefined();
  });

  describe('that name containers', () => {
    const rule: ScrapeRule = { service: 'shop', container: 'nginx-*', port: 9113 };
    const endpoint = { containerPort: 9113, path: '/metrics', scheme: 'http' };

    it('mean those that have the port', () => {
      const containers = [
        container('nginx-a', 9113),
        container('nginx-b', 9113),
        container('nginx-c', 80),
        container('web', 9113),
      ];
      expect(select([rule], containers)).toEqual([
        { ...endpoint, container: 'nginx-a', isMapped: true },
        { ...endpoint, container: 'nginx-b', isMapped: true },
      ]);
    });

    it('mean all of the name where none maps the port, as awsvpc needs no mapping', () => {
      expect(select([rule], [container('nginx-a'), container('web')])).toEqual([{ ...endpoint, container: 'nginx-a' }]);
    });

    it('mean nothing in a task without such a container', () => {
      expect(select([rule], [container('web', 9113)])).toEqual([]);
    });

    it('carry the docker labels of the container, below labels of their own', () => {
      const [plain] = select([rule], [container('nginx-a', 9113)], ['env']);
      expect(plain?.labels).toEqual({ env: 'stage' });
      const [own] = select([{ ...rule, labels: { env: 'rule' } }], [container('nginx-a', 9113)], ['env']);
      expect(own?.labels).toEqual({ env: 'rule' });
    });
  });
});

describe('rules that exclude', () => {
  const excluded = (rules: readonly ScrapeRule[], task = SHOP) => {
    const { task: whole, containers } = exclusionOf(rules, task, { containers: [container('web'), container('side')] });
    return { whole, containers: [...containers] };
  };

  it.each<[string, ScrapeRule[], { whole: boolean; containers: string[] }]>([
    ['a task by its service', [{ service: 'sh*', exclude: true }], { whole: true, containers: [] }],
    ['a task by its family', [{ taskDefinition: 'shop', exclude: true }], { whole: true, containers: [] }],
    [
      'containers by their name',
      [{ service: '*', container: 's*', exclude: true }],
      { whole: false, containers: ['side'] },
    ],
    ['nothing of another task', [{ service: 'cart', exclude: true }], { whole: false, containers: [] }],
    ['nothing where they do not exclude', [{ service: 'shop', port: 1 }], { whole: false, containers: [] }],
  ])('exclude %s', (_, rules, expected) => {
    expect(excluded(rules)).toEqual(expected);
    expect(select(rules.filter(({ exclude }) => exclude))).toEqual([]);
  });
});
