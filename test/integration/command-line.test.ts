/** The command line as it is started in a terminal, on a deployed discovery. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import type { Status } from '../../infra/cli/commands/status-found.ts';
import type { ExplainedTask } from '../../infra/cli/why/explained-task.ts';
import { loopbackEnvironment } from '../../infra/local/loopback.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { fixture, replaced, stopped, taskId } from './events.ts';

jest.setTimeout(60_000);

const CLUSTER = 'dev-public';
const PROGRAM = join(PROJECT_ROOT, 'infra/cli/ecs-prometheus-discovery.js');

describe('the command line', () => {
  let discovery: DeployedDiscovery;
  const task = replaced(fixture('real/fargate-running.json'), ['10.249.47.254', '10.8.0.1']);

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'command-line',
      settings: { clusters: CLUSTER, namespaces: 'ecs-services', collectors: '1', resyncSchedule: 'off' },
      prepare: async ({ ecs }) => {
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const definition = String(task.detail['taskDefinitionArn']).split('/').at(-1) ?? '';
        const secret = [{ name: 'PASSWORD', value: 'hunter2' }];
        ecs.taskDefinitions.set(definition, {
          networkMode: 'awsvpc',
          containerDefinitions: [{ name: 'web', dockerLabels, environment: secret }],
        });
      },
    });
  }, 180_000);
  afterAll(() => discovery?.stop());

  const run = async (...args: readonly string[]): Promise<string> => {
    const env = {
      ...loopbackEnvironment(),
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: discovery.aws.endpoint,
      AWS_ENDPOINT_URL_ECS: discovery.ecs.endpoint,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { env });
    return stdout;
  };
  const json = async <Answer>(...args: readonly string[]): Promise<Answer> => JSON.parse(await run(...args, '--json'));

  it('explains a task that is published, and records what it was told', async () => {
    discovery.ecs.show(task.detail);
    await discovery.send(task);
    await discovery.untilPublished(CLUSTER, '10.8.0.1:8080');
    const file = join(PROJECT_ROOT, '.local/test/command-line/recording.json');
    const [explained] = await json<ExplainedTask[]>('why', taskId(task), '--record', file);
    expect(explained).toMatchObject({ decision: 'scraped', targets: [{ address: '10.8.0.1:8080' }] });
    expect(explained?.steps.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(explained?.steps.find(({ step }) => step === 'configuration')?.result).toBe('passed');
    expect(await readFile(file, 'utf8')).not.toContain('hunter2');
    expect((await json<ExplainedTask[]>('why', '--from', file))[0]?.targets).toEqual(explained?.targets);
    await rm(file);
  });

  it('lists targets and tasks', async () => {
    expect(await run('targets')).toContain('http://10.8.0.1:8080/metrics');
    expect(await run('tasks')).toMatch(/scraped +http:\/\/10\.8\.0\.1:8080\/metrics/);
  });

  it('knows the state of all queues, shards and alarms', async () => {
    const status = await json<Status>('status');
    expect(status.unknown).toEqual([]);
    expect(status.queues.map(({ queue }) => queue)).toEqual(['stops', 'runs', 'store', 'register', 'collector 0']);
    expect(status.deadLetters.map(({ of }) => of)).toEqual([
      'observe',
      'store',
      'register',
      'resync',
      'events',
      'changes',
    ]);
    expect(status.shards).toHaveLength(4);
    expect(status.shards.reduce((sum, { targets }) => sum + targets, 0)).toBe(1);
    expect(status.shards.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  });

  it('shows why a message is among the dead letters', async () => {
    await discovery.enqueue('{');
    await discovery.untilObserved();
    const { deadLetters } = await json<Status>('status');
    expect(deadLetters.find(({ of }) => of === 'observe')).toEqual({
      of: 'observe',
      messages: 1,
      reasons: [{ reason: 'not JSON', messages: 1 }],
    });
    expect(await discovery.takeDeadLetters()).toHaveLength(1);
  });

  it('has resync repair what an event missed', async () => {
    discovery.ecs.show(stopped(task).detail);
    expect(await run('targets')).toContain('1 task in the configuration stopped meanwhile');
    const [dry] = await json<ResyncSummary[]>('resync', '--dry-run');
    expect(dry?.clusters[0]).toMatchObject({ removed: 1, targets: 1 });
    expect(await run('resync', '--task', taskId(task))).toContain('Changed: 1 removed.');
    await discovery.untilPublished(CLUSTER);
  });

  it('says what it does not find', async () => {
    await expect(run('status', '--deployment', 'elsewhere')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no deployment elsewhere in this account and Region'),
    });
    await expect(run('why', '0000')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no task 0000'),
    });
  });
});
