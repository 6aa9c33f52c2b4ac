/** A second opinion on the roles: the deployed discovery under MiniStack's IAM, as far as that decides as AWS does. */
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { createNamespace, createRegistry } from '../../infra/local/cloud-map.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { firstCells, pageOf, quotesIn, sectionOf } from '../docs/pages.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { denialsIn, letSessionsPublish, makeStack, policyStack, roleOf } from './emulated-iam.ts';
import { type Event, fixture, replaced, stopped, twin } from './events.ts';
import { until } from './until.ts';

jest.setTimeout(240_000);

const STATE = resolve(PROJECT_ROOT, '.local/test/iam/state');
/** It is deployed without IAM, by bootstrap roles that MiniStack does not let in, and started again with it. */
const REMEMBERING = { PERSIST_STATE: '1', STATE_DIR: STATE };
const CLUSTER = 'dev-public';

describe('the deployed discovery under its own roles', () => {
  let discovery: DeployedDiscovery;
  let aws: Ministack;
  let registry: string;
  /** Actions that a role was refused although AWS would allow them, and got to go on. */
  const helped = new Set<string>();
  const known = new Set<string>();

  const startAgain = async (environment: Readonly<Record<string, string>>): Promise<void> => {
    await (aws ?? discovery.aws).stop();
    aws = await startMinistack({
      directory: '.local/test/iam/ministack',
      environment: { ...REMEMBERING, AUTH: 'true', ...environment },
      port: Number(new URL(discovery.aws.endpoint).port),
    });
  };

  beforeAll(async () => {
    await rm(STATE, { recursive: true, force: true });
    await mkdir(STATE, { recursive: true });
    discovery = await deployedDiscovery({
      name: 'iam',
      settings: { clusters: CLUSTER, namespaces: 'ecs-services', resyncSchedule: 'off' },
      environment: REMEMBERING,
      prepare: async ({ aws: account, ecs }) => {
        const namespaceId = await createNamespace(account, 'ecs-services');
        registry = await createRegistry(account, { namespaceId, name: 'orders', owner: DEFAULT_DEPLOYMENT });
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const containerDefinitions = [{ name: 'orders', dockerLabels }];
        ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
      },
    });
    await startAgain({ AWS_ENDPOINT_URL_ECS: discovery.ecs.endpoint });
  }, 180_000);

  afterAll(async () => {
    await aws?.stop();
    await discovery?.stop();
    await rm(STATE, { recursive: true, force: true });
  });

  const task = (number: number): Event =>
    replaced(twin(fixture('real/fargate-running.json'), number.toString(16).padStart(32, 'e')), [
      '10.249.47.254',
      `10.6.0.${number}`,
    ]);
  const happen = async (event: Event): Promise<void> => {
    discovery.ecs.show(event.detail);
    await discovery.send(event);
  };
  const address = (number: number): string => `10.6.0.${number}:8080`;
  const isPublished = async (number: number): Promise<boolean> =>
    (await discovery.addressesOf(CLUSTER)).includes(address(number));
  const isRegistered = async (number: number): Promise<boolean> =>
    JSON.stringify(await discovery.instances(registry)).includes(`10.6.0.${number}"`);
  const within = async (seconds: number, isSo: () => Promise<boolean>): Promise<boolean> => {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      if (await isSo()) return true;
      await sleep(100);
    }
    return false;
  };

  /** @returns how many requests were refused that had not been refused before */
  async function help(): Promise<number> {
    let fresh = 0;
    for (const [name, lambda] of Object.entries(discovery.deployment.functions)) {
      if (lambda === undefined) continue;
      for (const { action, byResource } of denialsIn((await discovery.logText(lambda)).join('\n'))) {
        const key = `${byResource ? 'topic' : name} ${action}`;
        if (known.has(key)) continue;
        known.add(key);
        helped.add(action);
        fresh += 1;
        if (byResource) await letSessionsPublish(aws.endpoint, discovery.deployment.topic);
        else {
          const role = await roleOf(discovery.lambda, lambda);
          await makeStack(aws.endpoint, `help-${known.size}`, policyStack(role, 'Allow', action));
        }
      }
    }
    return fresh;
  }

  it('publishes, registers and compares tasks, when it is helped where MiniStack decides otherwise than AWS', async () => {
    const isThere = async (number: number) => (await isPublished(number)) && (await isRegistered(number));
    const isGone = async (number: number) => !((await isPublished(number)) || (await isRegistered(number)));
    let worked = false;
    // Each round gets a bit further, with a task of its own: what was refused before comes again only later.
    for (let number = 1; number <= 15 && !worked; number += 1) {
      await happen(task(number));
      const came = await within(5, () => isThere(number));
      await happen(stopped(task(number)));
      const went = await within(5, () => isGone(number));
      const { clusters } = await discovery.resync();
      worked = (await help()) === 0 && came && went && clusters[0]?.problems.length === 0;
    }
    expect(worked).toBe(true);
    expect((await discovery.resync()).clusters).toMatchObject([{ problems: [], added: 0, removed: 0 }]);
  });

  it('takes more from its queues when a lot waits', async () => {
    // Whether there is more to take after a batch is a matter of moments.
    for (let burst = 0; burst < 5 && !helped.has('sqs:DeleteMessageBatch'); burst += 1) {
      const events = Array.from({ length: 40 }, (_, index) => task(30 + 40 * burst + index));
      for (const { detail } of events) discovery.ecs.show(detail);
      await Promise.all([0, 10, 20, 30].map((from) => discovery.send(...events.slice(from, from + 10))));
      await within(5, async () => (await help()) > 0);
    }
    expect([...helped]).toContain('sqs:DeleteMessageBatch');
  });

  it('asks ECS under its role, too', async () => {
    await startAgain({});
    const ecs = new ECSClient(loopbackClientConfig(aws.endpoint));
    await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const containerDefinitions = [
      { name: 'orders', image: 'orders', memory: 64, dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '8080' } },
    ];
    await ecs.send(
      new RegisterTaskDefinitionCommand({ family: 'orders', networkMode: 'awsvpc', containerDefinitions }),
    );
    const { tasks: [run] = [] } = await ecs.send(new RunTaskCommand({ cluster: CLUSTER, taskDefinition: 'orders' }));
    const id = run?.taskArn?.split('/').at(-1) ?? '';
    const compared = async () => (await discovery.resync({ dryRun: true })).clusters[0];
    for (let round = 0; round < 8; round += 1) {
      await compared();
      if ((await help()) === 0) break;
    }
    // It has listed and described the task, which has no network here.
    const problem = `task ${id}: AnswerIncomplete: the task has no network interface with a private address`;
    expect(await compared()).toMatchObject({ problems: [problem] });
  });

  it('needs no help but where docs/emulator-differences.md says that MiniStack decides otherwise', () => {
    const section = sectionOf(pageOf('docs/emulator-differences.md'), 'Where its IAM refuses what AWS allows');
    expect(firstCells(section).flatMap(quotesIn).sort()).toEqual([...helped].sort());
  });

  it('cannot do what its role does not allow', async () => {
    await startAgain({ AWS_ENDPOINT_URL_ECS: discovery.ecs.endpoint });
    const role = await roleOf(discovery.lambda, discovery.deployment.functions.store);
    await makeStack(aws.endpoint, 'no-writes', policyStack(role, 'Deny', 'ssm:PutParameter'));
    await happen(task(250));
    await until('store to be refused', async () =>
      (await discovery.logText(discovery.deployment.functions.store)).some((line) =>
        /not authorized to perform: ssm:PutParameter .*explicit deny/.test(line),
      )
        ? true
        : undefined,
    );
    expect(await isPublished(250)).toBe(false);
    const client = new CloudFormationClient(loopbackClientConfig(aws.endpoint));
    await client.send(new DeleteStackCommand({ StackName: 'no-writes' }));
    await until('the task to be stored', async () => (await isPublished(250)) || undefined);
  });
});
