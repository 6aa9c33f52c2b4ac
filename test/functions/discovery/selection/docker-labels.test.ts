import { describe, expect, it } from '@jest/globals';
import { selectByDockerLabels } from '../../../../functions/discovery/selection/docker-labels.ts';
import type { ScrapeEndpoint } from '../../../../functions/discovery/selection/scrape-endpoint.ts';
import type { ContainerDefinition, TaskDefinition } from '../../../../functions/discovery/task/task-definition.ts';
import fc from '../../../fast-check.ts';

type Containers = Readonly<Record<string, Readonly<Record<string, string>>>>;

const definition = (containers: readonly ContainerDefinition[]): TaskDefinition => ({
  arn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:1',
  networkMode: 'awsvpc',
  containers,
});

const labelled = (containers: Containers, containerPorts: readonly number[] = [], carried: readonly string[] = []) =>
  selectByDockerLabels(
    definition(Object.entries(containers).map(([name, dockerLabels]) => ({ name, dockerLabels, containerPorts }))),
    carried,
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
    expect(labelled({ web: { ECS_PROMETHEUS_EXPORTER_PORT: '9090' } })).toEqual({
      endpoints: [web()],
      rejections: [],
      warnings: [],
    });
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
    expect(labelled({ web: labels }, [8080]).endpoints).toEqual([
      web({ containerPort: 8080, path: '/stats', isMapped: true }),
    ]);
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
    const { endpoints, rejections } = labelled({ web: { PROMETHEUS_DYNAMIC_EXPORT: value } }, [8080]);
    expect([...endpoints, ...rejections]).toEqual([]);
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
    [{ web: { PROMETHEUS_EXPORTER_PORT: '', ECS_PROMETHEUS_EXPORTER_PORT: ' ' } }],
    [{ web: { 'prometheus.io/port': '9090' } }],
    [{ web: { 'prometheus.io/scrape': 'false', 'prometheus.io/port': '9090' } }],
  ])('%j select nothing', (containers) => {
    const { endpoints, rejections } = labelled(containers);
    expect([...endpoints, ...rejections]).toEqual([]);
  });

  it.each([
    ['ECS_PROMETHEUS_EXPORTER_PORT', '0', 'invalid-port', 'the metrics port must be a number from 1 to 65535, not "0"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '65536', 'invalid-port', 'a number from 1 to 65535, not "65536"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '-1', 'invalid-port', 'a number from 1 to 65535, not "-1"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '9090.5', 'invalid-port', 'a number from 1 to 65535, not "9090.5"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '1e3', 'invalid-port', 'a number from 1 to 65535, not "1e3"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', 'http', 'invalid-port', 'a number from 1 to 65535, not "http"'],
    ['ECS_PROMETHEUS_EXPORTER_PORT', '8080,9102', 'invalid-port', 'a number from 1 to 65535, not "8080,9102"'],
    ['ECS_PROMETHEUS_METRICS_PATH', 'http://a/m', 'invalid-path', 'the metrics path must be a path such as /metrics'],
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
          const asked = Object.entries(labels).filter(
            ([it, says]) => it.includes('EXPORTER_PORT') && says.trim(),
          ).length;
          const isDynamic = asked === 0 && labels['PROMETHEUS_DYNAMIC_EXPORT']?.trim() === '1';
          // Two tools that name the same port mean one endpoint.
          expect(endpoints.length + rejections.length).toBeLessThanOrEqual(isDynamic ? 1 : asked);
          expect(endpoints.length + rejections.length > 0).toBe(isDynamic || asked > 0);
          for (const { containerPort, path, scheme } of endpoints) {
            expect(Number.isInteger(containerPort) && containerPort >= 1 && containerPort <= 65_535).toBe(true);
            expect(new URL(`${scheme}://10.0.0.1:${containerPort}${path}`).hostname).toBe('10.0.0.1');
          }
        },
      ),
    );
  });
});

describe('labels in the ways that people write them', () => {
  const one = (labels: Record<string, string>, ports: readonly number[] = []) => {
    const { endpoints, rejections } = labelled({ web: labels }, ports);
    expect(rejections).toEqual([]);
    return endpoints;
  };

  it.each(['', ' '])('mean the defaults where they are empty: %j', (empty) => {
    const labels = { ECS_PROMETHEUS_METRICS_PATH: empty, ECS_PROMETHEUS_JOB_NAME: empty, ECS_PROMETHEUS_SCHEME: empty };
    expect(one({ ECS_PROMETHEUS_EXPORTER_PORT: '9090', ...labels })).toEqual([web()]);
  });

  it('may have blanks around them, and a scheme in capitals', () => {
    const labels = {
      PROMETHEUS_EXPORTER_PORT: ' 9090 ',
      PROMETHEUS_EXPORTER_SCHEME: ' HTTPS',
      PROMETHEUS_EXPORTER_PATH: '/m ',
    };
    expect(one(labels)).toEqual([web({ scheme: 'https', path: '/m' })]);
  });

  it('may leave the slash of the path out', () => {
    const labels = { PROMETHEUS_EXPORTER_PORT: '9090', PROMETHEUS_EXPORTER_PATH: 'actuator/prometheus' };
    expect(one(labels)).toEqual([web({ path: '/actuator/prometheus' })]);
  });

  it('may have a query in the path', () => {
    const labels = { PROMETHEUS_EXPORTER_PORT: '9090', PROMETHEUS_EXPORTER_PATH: '/m?format=prometheus&x=a%20b' };
    expect(one(labels)).toEqual([web({ path: '/m', params: { format: 'prometheus', x: 'a b' } })]);
  });

  it('may separate a suffix with a dot', () => {
    const labels = { 'PROMETHEUS_EXPORTER_PORT.1': '9090', 'PROMETHEUS_EXPORTER_PATH.1': '/b' };
    expect(one(labels)).toEqual([web({ path: '/b' })]);
  });

  it('may name path and job once for all suffixes', () => {
    const labels = {
      ECS_PROMETHEUS_EXPORTER_PORT_SUBSET_A: '9090',
      ECS_PROMETHEUS_EXPORTER_PORT_SUBSET_B: '9091',
      ECS_PROMETHEUS_METRICS_PATH: '/m',
      ECS_PROMETHEUS_JOB_NAME: 'j',
    };
    expect(one(labels)).toEqual([web({ path: '/m', job: 'j' }), web({ containerPort: 9091, path: '/m', job: 'j' })]);
  });

  it('do not lend the path of an endpoint to another', () => {
    const labels = {
      PROMETHEUS_EXPORTER_PORT: '9090',
      PROMETHEUS_EXPORTER_PATH: '/m',
      PROMETHEUS_EXPORTER_PORT_x: '9545',
    };
    expect(one(labels)).toEqual([web({ path: '/m' }), web({ containerPort: 9545 })]);
  });

  it('name the job by `job` beside labels of the CloudWatch agent, unless they have one', () => {
    expect(one({ ECS_PROMETHEUS_EXPORTER_PORT: '9090', job: 'edge' })).toEqual([web({ job: 'edge' })]);
    const named = { ECS_PROMETHEUS_EXPORTER_PORT: '9090', ECS_PROMETHEUS_JOB_NAME: 'own', job: 'edge' };
    expect(one(named)).toEqual([web({ job: 'own' })]);
    expect(one({ PROMETHEUS_EXPORTER_PORT: '9090', job: 'edge' })).toEqual([web()]);
  });

  it('say that the container has a mapping for the port', () => {
    expect(one({ PROMETHEUS_EXPORTER_PORT: '9090' }, [80, 9090])).toEqual([web({ isMapped: true })]);
  });
});

describe('labels of two tools on one container', () => {
  const both = (ecs: Record<string, string>, exporter: Record<string, string>) =>
    labelled({
      web: { ECS_PROMETHEUS_EXPORTER_PORT: '9090', PROMETHEUS_EXPORTER_PORT: '9090', ...ecs, ...exporter },
    }).endpoints;

  it('mean one endpoint, and complete each other', () => {
    expect(both({ ECS_PROMETHEUS_JOB_NAME: 'billing' }, {})).toEqual([web({ job: 'billing' })]);
    expect(both({ ECS_PROMETHEUS_JOB_NAME: 'j' }, { PROMETHEUS_EXPORTER_PATH: '/m' })).toEqual([
      web({ job: 'j', path: '/m' }),
    ]);
    expect(both({}, { PROMETHEUS_EXPORTER_SCHEME: 'https' })).toEqual([web({ scheme: 'https' })]);
  });

  it('mean two where they contradict each other', () => {
    const paths = { ECS_PROMETHEUS_METRICS_PATH: '/a' };
    expect(both(paths, { PROMETHEUS_EXPORTER_PATH: '/b' })).toEqual([web({ path: '/a' }), web({ path: '/b' })]);
  });

  it('do not hide that one of them names a port twice', () => {
    const labels = {
      PROMETHEUS_EXPORTER_PORT_x: '9090',
      PROMETHEUS_EXPORTER_PATH_x: '/x',
      PROMETHEUS_EXPORTER_PATH: '/a',
    };
    expect(
      both({}, labels)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/a', '/x']);
  });
});

it('subsets of ports, as the CloudWatch agent has them, share path and job with the port that has no suffix', () => {
  const labels = {
    ECS_PROMETHEUS_EXPORTER_PORT: '8080',
    ECS_PROMETHEUS_EXPORTER_PORT_SUBSET_A: '9404',
    ECS_PROMETHEUS_EXPORTER_PORT_admin: '9000',
    ECS_PROMETHEUS_METRICS_PATH: '/prom',
    ECS_PROMETHEUS_JOB_NAME: 'java',
  };
  const shared = { path: '/prom', job: 'java' };
  expect(labelled({ web: labels }).endpoints).toEqual([
    web({ containerPort: 8080, ...shared }),
    web({ containerPort: 9404, ...shared }),
    web({ containerPort: 9000 }),
  ]);
});

describe('docker labels of ecs-sd', () => {
  it('need scrape and port', () => {
    const labels = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' };
    expect(labelled({ web: labels }).endpoints).toEqual([web({ mayBeHostPort: true })]);
    const all = { ...labels, 'prometheus.io/path': '/m', 'prometheus.io/scheme': 'https' };
    expect(labelled({ web: all }).endpoints).toEqual([web({ path: '/m', scheme: 'https', mayBeHostPort: true })]);
  });

  it('mean the port of the container where labels of another tool say so', () => {
    const labels = { PROMETHEUS_EXPORTER_PORT: '9090', 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' };
    expect(labelled({ web: labels }).endpoints).toEqual([web()]);
  });

  it('without a port are a mistake', () => {
    expect(labelled({ web: { 'prometheus.io/scrape': 'true' } }).rejections).toMatchObject([
      { reason: 'invalid-port' },
    ]);
  });
});

describe('docker labels that the settings carry to the target', () => {
  const labels = {
    PROMETHEUS_EXPORTER_PORT: '9090',
    env: 'stage',
    'com.example.team': 'edge',
    '9lives': 'cat',
    empty: '',
  };

  it.each<[string, string[], Record<string, string> | undefined]>([
    ['none by default', [], undefined],
    ['those that are named', ['env', 'absent', 'empty'], { env: 'stage' }],
    [
      'those that fit a pattern, in names that Prometheus takes',
      ['com.*', '9*'],
      { com_example_team: 'edge', _9lives: 'cat' },
    ],
  ])('are %s', (_, carried, expected) => {
    expect(labelled({ web: labels }, [], carried).endpoints).toEqual([web(expected ? { labels: expected } : {})]);
  });

  it('are never labels of ours or reserved ones', () => {
    const greedy = {
      service: 'x',
      cluster: 'x',
      __scheme__: 'x',
      __address__: 'x',
      job: 'x',
      'task.id': 'y',
      instance: 'x',
    };
    const { endpoints } = labelled({ web: { PROMETHEUS_EXPORTER_PORT: '9090', ...greedy } }, [], ['*']);
    expect(Object.keys(endpoints[0]?.labels ?? {})).toEqual(['PROMETHEUS_EXPORTER_PORT', 'task_id']);
  });
});
