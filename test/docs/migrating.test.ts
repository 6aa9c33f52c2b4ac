import { afterAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_NAMESPACES_PARAMETER, ENVIRONMENT } from '../../functions/discovery/names.ts';
import { targetGroups } from '../../functions/discovery/target/file-sd.ts';
import { SCRAPE_JOB } from '../../infra/constructs/collector/job-names.ts';
import { type Account, createAccount } from '../factories/account.ts';
import { resyncOnce } from '../factories/resyncs.ts';
import { idOf, type TaskOptions } from '../factories/tasks.ts';
import { removeSynthesised, synthesise } from '../infra/synth.ts';
import { pageOf, sectionOf } from './pages.ts';

const page = pageOf('docs/migrating.md');

/** What the reference's sidecar makes of an instance that ECS registered, and of the tags of its Cloud Map service. */
function sidecarTargets(
  namespace: string,
  instance: { readonly id: string; readonly attributes: Readonly<Record<string, string>> },
  tags: Readonly<Record<string, string>>,
) {
  const { AWS_INSTANCE_IPV4, AWS_INSTANCE_PORT = '80', ...of } = instance.attributes;
  const target = (port: string, path: string) => ({
    targets: [`${AWS_INSTANCE_IPV4}:${port}`],
    labels: {
      cluster: of['ECS_CLUSTER_NAME'],
      service: of['ECS_SERVICE_NAME'],
      taskdefinition: of['ECS_TASK_DEFINITION_FAMILY'],
      namespace,
      taskid: instance.id,
      instance: AWS_INSTANCE_IPV4,
      __metrics_path__: path,
    },
  });
  const { METRICS_PATH, METRICS_PORT = AWS_INSTANCE_PORT, ECS_METRICS_PATH, ECS_METRICS_PORT } = tags;
  return [
    ...(METRICS_PATH ? [target(METRICS_PORT, METRICS_PATH)] : []),
    ...(ECS_METRICS_PATH && ECS_METRICS_PORT ? [target(ECS_METRICS_PORT, ECS_METRICS_PATH)] : []),
  ];
}

interface Published extends TaskOptions {
  readonly networkMode?: string;
  /** What the service of ECS says of the registration, beside where it is. */
  readonly registered?: { readonly containerPort?: number };
}

const groupsIn = (account: Account) => targetGroups([...account.shard().tasks.values()].map(({ targets }) => targets));

/** What is published for a task of service `shop` that ECS registers in a Cloud Map service with these tags. */
async function published(
  tags: Record<string, string>,
  { networkMode = 'awsvpc', registered = {}, ...task }: Published = {},
) {
  const account = createAccount();
  account.definitions.set('shop', { networkMode, containerDefinitions: [{ name: 'web' }] });
  account.hosts.set('h1', '10.1.0.1');
  account.addService('shop-svc', tags);
  account.managed.set('shop', [{ name: 'shop-svc', ...registered }]);
  account.run({ number: 7, address: '10.0.0.7', family: 'shop', service: 'shop', ...task });
  await resyncOnce(account);
  return { account, groups: groupsIn(account) };
}

/** A task on a host whose Docker published port 3000 of its container as 32771. */
const BRIDGE: Published = {
  networkMode: 'bridge',
  host: 'h1',
  containers: [{ name: 'web', networkBindings: [{ bindIP: '0.0.0.0', containerPort: 3000, hostPort: 32_771 }] }],
};

describe('docs/migrating.md, from the sidecar', () => {
  afterAll(removeSynthesised);

  const instance = {
    id: idOf(7),
    attributes: {
      AWS_INSTANCE_IPV4: '10.0.0.7',
      ECS_CLUSTER_NAME: 'prod',
      ECS_SERVICE_NAME: 'shop',
      ECS_TASK_DEFINITION_FAMILY: 'shop',
    },
  };

  it.each([
    { METRICS_PATH: '/metrics', METRICS_PORT: '3000' },
    { METRICS_PATH: '/metrics', METRICS_PORT: '3000', ECS_METRICS_PATH: '/stats', ECS_METRICS_PORT: '9779' },
    { ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' },
    { METRICS_PATH: '/metrics' },
  ] as Record<string, string>[])(
    'the same instance and tags give the same targets and labels, and port on top: %j',
    async (tags) => {
      const { groups } = await published(tags);
      const withoutPort = groups.map(({ targets, labels: { port, ...labels } }) => {
        expect(targets[0]).toBe(`10.0.0.7:${port}`);
        return { targets, labels };
      });
      expect(withoutPort).toEqual(sidecarTargets('ecs-services', instance, tags));
    },
  );

  it('the services that ECS registers in are only read', async () => {
    const { account } = await published({ METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    const writes = account.asked().filter((operation) => !/^(List|Describe|Get|Receive)/.test(operation));
    expect([...new Set(writes)].sort()).toEqual(['PublishBatch', 'PutParameter']);
  });

  const SRV = { ...instance, attributes: { ...instance.attributes, AWS_INSTANCE_PORT: '8080' } };

  it('a port that no tag names is that of the registration', async () => {
    const { groups } = await published({ METRICS_PATH: '/metrics' }, { registered: { containerPort: 8080 } });
    expect(groups.flatMap(({ targets }) => targets)).toEqual(['10.0.0.7:8080']);
    expect(sidecarTargets('ecs-services', SRV, { METRICS_PATH: '/metrics' })[0]?.targets).toEqual(['10.0.0.7:8080']);
  });

  it.each<[string, Record<string, string>, Published]>([
    ['a port of the host in the tag', { METRICS_PORT: '32771' }, {}],
    ['a port of the container in the tag', { METRICS_PORT: '3000' }, {}],
    ['the port of the registration', {}, { registered: { containerPort: 3000 } }],
  ])('in bridge mode the host’s port is scraped: %s', async (_, tags, options) => {
    const { groups } = await published({ METRICS_PATH: '/metrics', ...tags }, { ...options, ...BRIDGE });
    expect(groups.flatMap(({ targets }) => targets)).toEqual(['10.1.0.1:32771']);
  });

  it('a namespaces parameter that exists is used as it is, and not made', () => {
    const template = synthesise({ clusters: 'prod', namespacesParameter: DEFAULT_NAMESPACES_PARAMETER }).stacks[
      'ecs-prometheus-discovery'
    ];
    const parameters = Object.values(template?.findResources('AWS::SSM::Parameter') ?? {});
    expect(parameters.map(({ Properties }) => Properties.Name)).not.toContain(DEFAULT_NAMESPACES_PARAMETER);
    const functions = Object.values(template?.findResources('AWS::Lambda::Function') ?? {});
    const names = functions.map(
      ({ Properties }) => Properties.Environment?.Variables?.[ENVIRONMENT.namespacesParameter],
    );
    expect(names.filter((name) => name === DEFAULT_NAMESPACES_PARAMETER).length).toBeGreaterThanOrEqual(2);
  });

  it('without collector, nothing scrapes: there is the discovery stack alone', () => {
    expect(Object.keys(synthesise({ clusters: 'prod' }).stacks)).toEqual(['ecs-prometheus-discovery']);
  });

  it('the scrape job has the name that the page says', () => {
    expect(page).toContain(
      `\`job\` | the \`job_name\` of your pipeline, in the sample \`ecs_services\` | \`${SCRAPE_JOB}\`, or`,
    );
  });
});

describe('docs/migrating.md, from docker labels', () => {
  it.each([
    [
      'From the ECS observer or the CloudWatch agent',
      { ECS_PROMETHEUS_EXPORTER_PORT: '9000', ECS_PROMETHEUS_METRICS_PATH: '/m', ECS_PROMETHEUS_JOB_NAME: 'j' },
    ],
    [
      'From prometheus-ecs-discovery',
      { PROMETHEUS_EXPORTER_PORT: '9000', PROMETHEUS_EXPORTER_PATH: '/m', PROMETHEUS_EXPORTER_JOB_NAME: 'j' },
    ],
  ] as [string, Record<string, string>][])(
    '%s: the labels that it names are read as they are',
    async (heading, dockerLabels) => {
      for (const name of Object.keys(dockerLabels)) expect(sectionOf(page, heading)).toContain(`\`${name}\``);
      const account = createAccount();
      account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web', dockerLabels }] });
      account.run({ number: 7 });
      await resyncOnce(account);
      const [group] = groupsIn(account);
      expect(group?.targets).toEqual(['10.0.0.7:9000']);
      expect(group?.labels).toMatchObject({
        container: 'web',
        job: 'j',
        taskdefinition: 'shop',
        taskid: idOf(7),
        __metrics_path__: '/m',
      });
    },
  );
});
