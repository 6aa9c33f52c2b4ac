import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasScrapeTags, type ServiceRegistry } from '../../../../functions/discovery/selection/cloud-map-service.ts';
import {
  type ScrapeEndpoint,
  selectByDockerLabels,
  selectByRegistryTags,
  selectByRules,
} from '../../../../functions/discovery/selection/scrape-endpoint.ts';
import {
  type ContainerDefinition,
  parseNetworkMode,
  type TaskDefinition,
} from '../../../../functions/discovery/task/task-definition.ts';

type Containers = Readonly<Record<string, Readonly<Record<string, string>>>>;

const definition = (containers: readonly ContainerDefinition[]): TaskDefinition => ({
  arn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:1',
  networkMode: 'awsvpc',
  containers,
});

const labelled = (containers: Containers, containerPorts: readonly number[] = []) =>
  selectByDockerLabels(
    definition(Object.entries(containers).map(([name, dockerLabels]) => ({ name, dockerLabels, containerPorts }))),
  );

const web = (changes: Partial<ScrapeEndpoint> = {}): ScrapeEndpoint => ({
  container: 'web',
  containerPort: 9090,
  path: '/metrics',
  scheme: 'http',
  ...changes,
});

describe('docker labels of the ECS observer and the CloudWatch agent', () => {
  it('need a port only', () => {
    expect(labelled({ web: { ECS_PROMETHEUS_EXPORTER_PORT: '9090' } })).toEqual({ endpoints: [web()], rejections: [] });
  });

  it('may name path, job and scheme', () => {
    const labels = {
      ECS_PROMETHEUS_EXPORTER_PORT: '9404',
      ECS_PROMETHEUS_METRICS_PATH: '/actuator/prometheus',
      ECS_PROMETHEUS_JOB_NAME: 'jvm',
      ECS_PROMETHEUS_SCHEME: 'https',
    };
    const endpoint = web({ containerPort: 9404, path: '/actuator/prometheus', job: 'jvm', scheme: 'https' });
    expect(labelled({ web: labels }).endpoints).toEqual([endpoint]);
  });

  it('may name the subsets of the CloudWatch agent’s own example', () => {
    const labels = { ECS_PROMETHEUS_EXPORTER_PORT_SUBSET_A: '9406', ECS_PROMETHEUS_JOB_NAME_SUBSET_A: 'memcached' };
    expect(labelled({ web: labels }).endpoints).toEqual([web({ containerPort: 9406, job: 'memcached' })]);
  });
});

describe('docker labels of prometheus-ecs-discovery', () => {
  it('need a port only', () => {
    expect(labelled({ web: { PROMETHEUS_EXPORTER_PORT: '9090' } }).endpoints).toEqual([web()]);
  });

  it('may name path, job and scheme', () => {
    const labels = {
      PROMETHEUS_EXPORTER_PORT: '9090',
      PROMETHEUS_EXPORTER_PATH: '/stats',
      PROMETHEUS_EXPORTER_JOB_NAME: 'edge',
      PROMETHEUS_EXPORTER_SCHEME: 'https',
    };
    expect(labelled({ web: labels }).endpoints).toEqual([web({ path: '/stats', job: 'edge', scheme: 'https' })]);
  });

  it('name several endpoints of a container by suffixes, each with its own path, job and scheme', () => {
    const labels = {
      PROMETHEUS_EXPORTER_PORT: '9090',
      PROMETHEUS_EXPORTER_PORT_admin: '9000',
      PROMETHEUS_EXPORTER_PATH_admin: '/stats',
      PROMETHEUS_EXPORTER_PORT_jvm: '9404',
      PROMETHEUS_EXPORTER_JOB_NAME_jvm: 'jvm',
      PROMETHEUS_EXPORTER_SCHEME_jvm: 'https',
    };
    expect(labelled({ web: labels }).endpoints).toEqual([
      web(),
      web({ containerPort: 9000, path: '/stats' }),
      web({ containerPort: 9404, job: 'jvm', scheme: 'https' }),
    ]);
  });

  it('export the only port of a container where they ask for that', () => {
    const labels = { PROMETHEUS_DYNAMIC_EXPORT: '1', PROMETHEUS_EXPORTER_PATH: '/stats' };
    expect(labelled({ web: labels }, [8080]).endpoints).toEqual([web({ containerPort: 8080, path: '/stats' })]);
  });

  it.each([[[]], [[8080, 9090]]])('do not guess which of the ports %j that would be', (ports) => {
    const { endpoints, rejections } = labelled({ web: { PROMETHEUS_DYNAMIC_EXPORT: '1' } }, ports);
    expect(endpoints).toEqual([]);
    expect(rejections).toEqual([
      {
        reason: 'invalid-port',
        message: `container web: PROMETHEUS_DYNAMIC_EXPORT needs exactly one port mapping, it has ${ports.length}; name the port with PROMETHEUS_EXPORTER_PORT`,
      },
    ]);
  });

  it('prefer a port that is named', () => {
    const labels = { PROMETHEUS_DYNAMIC_EXPORT: '1', PROMETHEUS_EXPORTER_PORT: '9090' };
    expect(labelled({ web: labels }, [8080]).endpoints).toEqual([web()]);
  });

  it.each(['0', 'true', ''])('export nothing for PROMETHEUS_DYNAMIC_EXPORT=%s', (value) => {
    expect(labelled({ web: { PROMETHEUS_DYNAMIC_EXPORT: value } }, [8080])).toEqual({ endpoints: [], rejections: [] });
  });
});

describe('docker labels', () => {
  it('of several containers of a task each count', () => {
    const { endpoints } = labelled({
      web: { ECS_PROMETHEUS_EXPORTER_PORT: '9090' },
      log_router: { 'com.example.team': 'x' },
      exporter: { PROMETHEUS_EXPORTER_PORT: '9779' },
    });
    expect(endpoints).toEqual([web(), web({ container: 'exporter', containerPort: 9779 })]);
  });

  it.each<[Containers]>([
    [{ web: {} }],
    [{ web: { ECS_PROMETHEUS_METRICS_PATH: '/metrics', PROMETHEUS_EXPORTER_JOB_NAME: 'x' } }],
    [{ web: { ecs_prometheus_exporter_port: '9090', PROMETHEUS_EXPORTER_PORTS: '9090' } }],
    [{ web: { METRICS_PORT: '9090' } }],
  ])('%j select nothing', (containers) => {
    expect(labelled(containers)).toEqual({ endpoints: [], rejections: [] });
  });

  it.each([
    ['ECS_PROMETHEUS_EXPORTER_PORT', '', 'invalid-port', 'the metrics port must be a number from 1 to 65535, not ""'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '0', 'invalid-port', 'the metrics port must be a number from 1 to 65535, not "0"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '65536', 'invalid-port', 'a number from 1 to 65535, not "65536"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '-1', 'invalid-port', 'a number from 1 to 65535, not "-1"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '9090.5', 'invalid-port', 'a number from 1 to 65535, not "9090.5"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '1e3', 'invalid-port', 'a number from 1 to 65535, not "1e3"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', 'http', 'invalid-port', 'a number from 1 to 65535, not "http"'],
    ['ECS_PROMETHEUS_METRICS_PATH', 'metrics', 'invalid-path', 'the metrics path must start with "/", not "metrics"'],
    ['ECS_PROMETHEUS_METRICS_PATH', '', 'invalid-path', 'the metrics path must start with "/", not ""'],
    ['ECS_PROMETHEUS_SCHEME', 'ftp', 'invalid-scheme', 'the scheme must be http or https, not "ftp"'],
  ])(
    '%s=%s is rejected with the container and what is wrong, and its neighbours are scraped',
    (name, value, reason, text) => {
      const { endpoints, rejections } = labelled({
        bad: { ECS_PROMETHEUS_EXPORTER_PORT: '9090', [name]: value },
        web: { ECS_PROMETHEUS_EXPORTER_PORT: '9090' },
      });
      expect(endpoints).toEqual([web()]);
      expect(rejections).toEqual([{ reason, message: expect.stringContaining(`container bad: `) }]);
      expect(rejections[0]?.message).toContain(text);
    },
  );

  it('never make anything but endpoints that can be asked, or reasons', () => {
    const name = fc.constantFrom(
      ...['ECS_PROMETHEUS_EXPORTER_PORT', 'ECS_PROMETHEUS_METRICS_PATH', 'ECS_PROMETHEUS_SCHEME'],
      ...['PROMETHEUS_EXPORTER_PORT', 'PROMETHEUS_EXPORTER_PORT_x', 'PROMETHEUS_EXPORTER_PATH_x'],
      'PROMETHEUS_DYNAMIC_EXPORT',
    );
    const value = fc.oneof(
      fc.string(),
      fc.integer({ min: -1, max: 70_000 }).map(String),
      fc.constantFrom('/m', 'https'),
    );
    fc.assert(
      fc.property(
        fc.dictionary(name, value, { noNullPrototype: true }),
        fc.array(fc.nat(), { maxLength: 2 }),
        (labels, ports) => {
          const { endpoints, rejections } = labelled({ web: labels }, ports);
          const asked = Object.keys(labels).filter((it) => it.includes('EXPORTER_PORT')).length;
          const isDynamic = asked === 0 && labels['PROMETHEUS_DYNAMIC_EXPORT'] === '1';
          expect(endpoints.length + rejections.length).toBe(isDynamic ? 1 : asked);
          for (const { containerPort, path, scheme } of endpoints) {
            expect(Number.isInteger(containerPort) && containerPort >= 1 && containerPort <= 65_535).toBe(true);
            expect(new URL(`${scheme}://10.0.0.1:${containerPort}${path}`).hostname).toBe('10.0.0.1');
          }
        },
      ),
    );
  });
});

describe('tags of a Cloud Map service', () => {
  const registry = (tags: Record<string, string>): ServiceRegistry => ({
    id: 'srv-1',
    name: 'shop',
    namespace: 'ns',
    tags,
  });
  const app = (containerPort: number, path: string) => ({ containerPort, path, scheme: 'http' });

  it.each<[Record<string, string>, object[]]>([
    [{ METRICS_PATH: '/metrics', METRICS_PORT: '3000' }, [app(3000, '/metrics')]],
    [{ METRICS_PATH: '/stats' }, [app(80, '/stats')]],
    [{ METRICS_PORT: '3000' }, []],
    [{ ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' }, [app(9779, '/metrics')]],
    [{ ECS_METRICS_PATH: '/metrics' }, []],
    [{ ECS_METRICS_PORT: '9779' }, []],
    [
      { METRICS_PATH: '/metrics', METRICS_PORT: '3000', ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' },
      [app(3000, '/metrics'), app(9779, '/metrics')],
    ],
    [{ team: 'x' }, []],
  ])('%j select %j', (tags, endpoints) => {
    expect(selectByRegistryTags(registry(tags))).toEqual({ endpoints, rejections: [] });
    expect(hasScrapeTags(registry(tags))).toBe(endpoints.length > 0);
  });

  it('without a port mean that of the registration, as a tag with a port does not', () => {
    const registered = (tags: Record<string, string>) => selectByRegistryTags({ ...registry(tags), port: 8080 });
    expect(registered({ METRICS_PATH: '/stats' }).endpoints).toEqual([app(8080, '/stats')]);
    expect(registered({ METRICS_PATH: '/stats', METRICS_PORT: '3000' }).endpoints).toEqual([app(3000, '/stats')]);
  });

  it('that are wrong are rejected, and the other endpoint is scraped', () => {
    const tags = {
      METRICS_PATH: '/metrics',
      METRICS_PORT: 'x',
      ECS_METRICS_PATH: '/metrics',
      ECS_METRICS_PORT: '9779',
    };
    expect(selectByRegistryTags(registry(tags))).toEqual({
      endpoints: [app(9779, '/metrics')],
      rejections: [{ reason: 'invalid-port', message: 'the metrics port must be a number from 1 to 65535, not "x"' }],
    });
  });
});

describe('rules', () => {
  it('each add an endpoint where they match', () => {
    const rules = [
      { service: 'sh*', port: 3000 },
      { service: 'other', port: 1 },
      { taskDefinition: 'shop', port: 9779, path: '/ecs', job: 'ecs' },
    ];
    expect(selectByRules(rules, { service: 'shop', family: 'shop' })).toEqual({
      endpoints: [
        { containerPort: 3000, path: '/metrics', scheme: 'http' },
        { containerPort: 9779, path: '/ecs', scheme: 'http', job: 'ecs' },
      ],
      rejections: [],
    });
  });
});

it.each([
  [undefined, 'bridge'],
  ['', 'bridge'],
  ['bridge', 'bridge'],
  ['awsvpc', 'awsvpc'],
  ['host', 'host'],
  ['none', 'none'],
  ['nat', 'other'],
])('the network mode %p of a task definition is %s', (mode, meaning) => {
  expect(parseNetworkMode(mode)).toBe(meaning);
});
