import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ScrapeRule } from '../../../functions/discovery/selection/scrape-rule.ts';
import { parseTask, placeOfArn } from '../../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../../functions/discovery/task/task-event.ts';
import type { Scraping } from '../../../functions/look-up/scraping.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { aTask, describedTask, recordedEvent, type TaskOptions } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount({ scrapeRules: [{ service: 'shop', port: 7000, path: '/rule', job: 'rule' }] });
});

const of = (options: TaskOptions = {}): Promise<Scraping> => account.stages.observe.scraping.ofTask(aTask(options));
const define = (dockerLabels: Record<string, string>, networkMode = 'awsvpc') =>
  account.definitions.set('shop', { networkMode, containerDefinitions: [{ name: 'web', dockerLabels }] });
/** Ports and paths of what is scraped. */
const scraped = async (options: TaskOptions = {}) =>
  (await of(options)).targets?.targets.map(({ port, labels }) => `${port}${labels['__metrics_path__']}`) ?? [];

const TAGS = { METRICS_PATH: '/tag', METRICS_PORT: '8000' };
const LABELS = { ECS_PROMETHEUS_EXPORTER_PORT: '9000', ECS_PROMETHEUS_METRICS_PATH: '/label' };

describe('what says how to scrape a task', () => {
  it('is its docker labels before the tags of its Cloud Map service before the rules of the settings', async () => {
    define(LABELS);
    account.addService('shop', TAGS);
    expect(await scraped()).toEqual(['9000/label']);
    account.definitions.set('untouched', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    expect(await scraped({ family: 'untouched' })).toEqual(['8000/tag']);
    account.clock.advance(301_000);
    account.addService('shop', { team: 'x' });
    expect(await scraped({ family: 'untouched' })).toEqual(['7000/rule']);
    expect(await scraped({ family: 'untouched', service: 'cart' })).toEqual([]);
  });

  it('is the first that applies also where it is wrong: a mistake is not covered up by another', async () => {
    define({ ECS_PROMETHEUS_EXPORTER_PORT: 'x' });
    account.addService('shop', TAGS);
    const scraping = await of();
    expect(scraping).toMatchObject({ selectedBy: 'docker-labels', rejections: [{ reason: 'invalid-port' }] });
    expect(scraping.targets).toBeUndefined();
  });

  it('is unknown while a namespace is, unless its docker labels say it or its tags are found elsewhere', async () => {
    account.parameters.write('ECS-ServiceDiscovery-Namespaces', 'typo,ecs-services');
    define({});
    await expect(of()).rejects.toMatchObject({ name: 'NamespaceMissing' });
    expect(await scraped({ service: undefined })).toEqual([]);

    account.clock.advance(86_400_000);
    define(LABELS);
    expect(await scraped()).toEqual(['9000/label']);
    account.addService('shop', TAGS);
    account.clock.advance(86_400_000);
    define({});
    expect(await scraped()).toEqual(['8000/tag']);
  });

  it('never makes a registration in a Cloud Map service that only says how to scrape', async () => {
    define({});
    account.addService('shop-of-ecs', TAGS);
    account.managed.set('shop', ['shop-of-ecs']);
    expect((await of()).registration).toBeUndefined();
    account.addService('shop', OWNED);
    account.clock.advance(301_000);
    expect((await of()).registration).toMatchObject({ serviceId: 'srv-shop' });
  });

  it('is both tags of the reference system', async () => {
    define({});
    account.addService('shop', { ...TAGS, ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' });
    expect(await scraped()).toEqual(['8000/tag', '9779/metrics']);
  });

  it('is for a standalone task never a Cloud Map service', async () => {
    define({});
    account.addService('shop', TAGS);
    expect(await scraped({ service: undefined })).toEqual([]);
    expect(account.client.calls('ListNamespaces')).toBe(0);
  });
});

describe('a task', () => {
  it('says what selects it, or that nothing does', async () => {
    define(LABELS);
    account.addService('shop', TAGS);
    expect(await of()).toMatchObject({ selectedBy: 'docker-labels' });
    account.definitions.set('untouched', { containerDefinitions: [{ name: 'web' }] });
    expect(await of({ family: 'untouched' })).toMatchObject({ selectedBy: 'cloud-map-tags' });
    account.addService('cart', {});
    expect(await of({ family: 'untouched', service: 'cart' })).toEqual({ rejections: [], warnings: [] });
    account.clock.advance(301_000);
    account.addService('shop', {});
    expect(await of({ family: 'untouched' })).toMatchObject({ selectedBy: 'rules' });
  });

  it('warns of labels and tags that have no effect, whatever selects it', async () => {
    define({ PROMETHEUS_EXPORTER_PRT: '1' });
    account.addService('shop', { METRIC_PATH: '/m' });
    const { warnings, selectedBy } = await of();
    expect(selectedBy).toBe('rules');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('did you mean PROMETHEUS_EXPORTER_PORT?'),
      expect.stringContaining('did you mean METRICS_PATH?'),
    ]);
    account.addService('shop', { ...TAGS, METRICS_PRT: '1' });
    account.clock.advance(301_000);
    expect((await of()).warnings).toHaveLength(2);
  });
});

describe('a rule that excludes', () => {
  const exclude = (rule: object, more: object[] = []) => {
    account = createAccount({ scrapeRules: [...more, { ...rule, exclude: true }] as ScrapeRule[] });
  };

  it('excludes the task whatever selects it', async () => {
    exclude({ service: 'shop' }, [{ service: 'shop', port: 7000 }]);
    account.addService('shop', TAGS);
    expect(await of()).toEqual({ rejections: [], warnings: [], isExcluded: true });
    expect(await scraped({ service: 'cart' })).toEqual(['3000/metrics']);
  });

  it('excludes the labels of a container, and leaves its neighbours', async () => {
    exclude({ service: 'shop', container: 'side' });
    const dockerLabels = (port: string) => ({ PROMETHEUS_EXPORTER_PORT: port });
    account.definitions.set('shop', {
      networkMode: 'awsvpc',
      containerDefinitions: [
        { name: 'web', dockerLabels: dockerLabels('1') },
        { name: 'side', dockerLabels: dockerLabels('2') },
      ],
    });
    expect(await scraped()).toEqual(['1/metrics']);
  });

  it.each(['awsvpc', 'bridge'])(
    'excludes a container from the ports of other rules in network mode %s',
    async (mode) => {
      exclude({ service: 'shop', container: 'side' }, [{ service: 'shop', port: [1, 2] }]);
      account.definitions.set('shop', {
        networkMode: mode,
        containerDefinitions: [
          { name: 'web', portMappings: [{ containerPort: 1 }] },
          { name: 'side', portMappings: [{ containerPort: 1 }, { containerPort: 2 }] },
        ],
      });
      account.hosts.set('h1', '172.31.0.1');
      const containers = [
        { name: 'web', networkBindings: [{ containerPort: 1, hostPort: 1 }] },
        { name: 'side', networkBindings: [1, 2].map((port) => ({ containerPort: port, hostPort: port + 100 })) },
      ];
      expect(await scraped(mode === 'bridge' ? { host: 'h1', containers } : {})).toEqual(['1/metrics']);
    },
  );
});

describe('the health of a task', () => {
  const HEALTH_CHECK = { healthCheck: { command: ['true'] } };
  const containers = (...changes: object[]) =>
    account.definitions.set('shop', {
      networkMode: 'awsvpc',
      containerDefinitions: changes.map((it, index) => ({ name: `c${index}`, dockerLabels: LABELS, ...it })),
    });
  const observed = (healthStatus?: string) =>
    account.stages.observe.scraping.ofTask(parseTask({ ...describedTask(), healthStatus }));

  it.each([
    ['HEALTHY', [], 1],
    ['UNHEALTHY', [{ reason: 'unhealthy' }], 0],
    ['UNKNOWN', [{ reason: 'unhealthy', incomplete: true }], 0],
    [undefined, [{ reason: 'unhealthy', incomplete: true }], 0],
  ])('decides where the settings say so: %p', async (status, rejections, targets) => {
    account = createAccount({ healthyOnly: true });
    containers(HEALTH_CHECK);
    const scraping = await observed(status);
    expect(scraping.rejections).toMatchObject(rejections);
    expect(scraping.targets?.targets ?? []).toHaveLength(targets);
  });

  it.each<[string, object]>([
    ['there is no health check', {}],
    ['only a container that is not essential has one', { ...HEALTH_CHECK, essential: false }],
  ])('decides nothing where %s', async (_, changes) => {
    account = createAccount({ healthyOnly: true });
    containers({}, changes);
    expect((await observed('UNKNOWN')).targets).toBeDefined();
  });

  it('decides nothing by default', async () => {
    containers(HEALTH_CHECK);
    expect((await observed('UNHEALTHY')).targets).toBeDefined();
  });
});

describe('the docker labels of the settings', () => {
  it('are labels of the targets', async () => {
    account = createAccount({ dockerLabels: ['env', 'com.example.*'] });
    define({ ...LABELS, env: 'stage', 'com.example.team': 'edge', other: 'x' });
    expect((await of()).targets?.targets[0]?.labels).toEqual({
      __metrics_path__: '/label',
      container: 'web',
      com_example_team: 'edge',
      env: 'stage',
    });
  });
});

describe('the namespace of a target', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['the one of the tagged service', TAGS, 'ecs-services'],
    ['the one of the owned service', OWNED, 'ecs-services'],
    ['none of a service that is neither', {}, undefined],
  ])('is %s', async (_, tags, namespace) => {
    account.addService('shop', tags);
    expect((await of()).targets?.labels['namespace']).toBe(namespace);
  });
});

describe('the registration of a task', () => {
  it('is for the service of its name that this deployment owns', async () => {
    account.addService('shop', OWNED);
    expect((await of()).registration).toMatchObject({ serviceId: 'srv-shop', attributes: { METRICS_PORT: '3000' } });
  });

  it.each<[string, Record<string, string>]>([
    ['without the tag', TAGS],
    ['with the tag of another deployment', { 'ecs-prometheus-discovery:owner': 'other' }],
  ])('is never for a service %s', async (_, tags) => {
    account.addService('shop', tags);
    expect((await of()).registration).toBeUndefined();
  });

  it('is not made for a task of which nothing can be scraped', async () => {
    account = createAccount();
    account.addService('shop', OWNED);
    account.definitions.set('shop', { containerDefinitions: [{ name: 'web' }] });
    expect(await of()).toEqual({ rejections: [], warnings: [] });
  });
});

describe('the host of a task', () => {
  beforeEach(() => {
    account.hosts.set('h1', '172.31.0.1').set('h3', null);
  });

  it('gives a bridge task its address, and Docker the port of each container', async () => {
    const { task } = parseTaskEvent(recordedEvent('made/ec2-bridge-running'));
    account = createAccount({ clusters: ['ec2'], here: placeOfArn(task.arn) });
    account.definitions.set('shop', {
      containerDefinitions: [
        { name: 'web', dockerLabels: { PROMETHEUS_EXPORTER_PORT: '3000' } },
        { name: 'exporter', dockerLabels: { PROMETHEUS_EXPORTER_PORT: '9779' } },
      ],
    });
    account.hosts.set('3d8f0a1b2c4e4f6f8a9b0c1d2e3f4a5b', '172.31.0.9');
    const { targets } = await account.stages.observe.scraping.ofTask(task);
    expect(targets?.address).toBe('172.31.0.9');
    expect(targets?.targets.map(({ port }) => port)).toEqual([32771, 32772]);
  });

  it('is looked up once for all its tasks, and remembered for an hour', async () => {
    define({ PROMETHEUS_EXPORTER_PORT: '3000' }, 'host');
    await Promise.all([1, 2, 3].map((number) => of({ number, host: 'h1' })));
    account.clock.advance(3_599_000);
    await of({ number: 4, host: 'h1' });
    expect(account.client.calls('DescribeContainerInstances')).toBe(1);
    expect(account.client.calls('DescribeInstances')).toBe(1);
    account.clock.advance(2000);
    await of({ number: 5, host: 'h1' });
    expect(account.client.calls('DescribeInstances')).toBe(2);
  });

  it.each([
    ['is no EC2 instance', 'mi-1'],
    ['has no private address', 'h3'],
  ])('that %s cannot be scraped', async (_, host) => {
    define({ PROMETHEUS_EXPORTER_PORT: '3000' }, 'host');
    const scraping = await of({ host });
    expect(scraping.rejections).toMatchObject([{ reason: 'no-address' }]);
    expect(scraping.targets).toBeUndefined();
  });

  it('is not asked for by a task on it that has an interface of its own', async () => {
    define({ PROMETHEUS_EXPORTER_PORT: '3000' }, 'awsvpc');
    await of({ host: 'h1' });
    expect(account.client.calls('DescribeContainerInstances')).toBe(0);
  });
});

describe('what ECS and Cloud Map are asked', () => {
  it('is asked of both at the same time', async () => {
    account.addService('shop', TAGS);
    account.before = async (operation) => {
      if (['DescribeTaskDefinition', 'ListNamespaces'].includes(operation)) await account.clock.sleep(1500);
    };
    const began = account.clock.now();
    expect((await account.clock.run(() => of())).targets).toBeDefined();
    expect(account.clock.now() - began).toBe(1500);
  });
});

describe('what is remembered', () => {
  it('is a task definition for a day, and each is asked for once', async () => {
    define(LABELS);
    await Promise.all([of({ number: 1 }), of({ number: 2 })]);
    account.clock.advance(86_399_000);
    await of({ number: 3 });
    expect(account.client.calls('DescribeTaskDefinition')).toBe(1);
  });

  it('is never a failure', async () => {
    account.definitions.delete('shop');
    await expect(of()).rejects.toMatchObject({ name: 'ClientException' });
    define(LABELS);
    expect(await scraped()).toEqual(['9000/label']);
  });
});
