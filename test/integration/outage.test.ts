/** What the running system makes of an AWS that goes away and comes back; its collector's files are the measure. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT, TARGET_FILES_FOLDER } from '../../functions/discovery/names.ts';
import { deployDiscovery } from '../../infra/local/deployment.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { startTargetSync, type TargetSyncProcess } from '../containers/target-sync/process.ts';
import { type DeployedDiscovery, deployedDiscovery, SHARDS } from './deployed-discovery.ts';
import { type Event, fixture, replaced, stopped, twin } from './events.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

const STATE = resolve(PROJECT_ROOT, '.local/test/outage/state');
/** MiniStack keeps its memory over a SIGTERM with this; a SIGKILL leaves it nothing. */
const REMEMBERING = { PERSIST_STATE: '1', STATE_DIR: STATE };

describe('the running system, when AWS goes away and comes back', () => {
  let discovery: DeployedDiscovery;
  let aws: Ministack;
  let directory: string;
  let targetSync: TargetSyncProcess;

  beforeAll(async () => {
    await rm(STATE, { recursive: true, force: true });
    await mkdir(STATE, { recursive: true });
    directory = await mkdtemp(join(tmpdir(), 'outage-'));
    discovery = await deployedDiscovery({
      name: 'outage',
      settings: { clusters: 'dev-public', collectors: '1', resyncSchedule: 'off' },
      environment: REMEMBERING,
      prepare: async ({ ecs }) => {
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const containerDefinitions = [{ name: 'orders', dockerLabels }];
        ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
      },
    });
    aws = discovery.aws;
    targetSync = startTargetSync({
      ...aws.environment,
      DISCOVERY_DEPLOYMENT: DEFAULT_DEPLOYMENT,
      DISCOVERY_CLUSTERS: 'dev-public',
      DISCOVERY_SHARDS: String(SHARDS),
      TARGET_SYNC_QUEUE_URL: discovery.deployment.queues.collectors[0] ?? '',
      TARGET_SYNC_DIRECTORY: directory,
      TARGET_SYNC_REFRESH_SECONDS: '10',
    });
  }, 180_000);

  afterAll(async () => {
    await targetSync?.end('SIGKILL');
    await aws?.stop();
    await discovery?.stop();
    await rm(directory, { recursive: true, force: true });
    await rm(STATE, { recursive: true, force: true });
  });

  const task = (number: number): Event =>
    replaced(twin(fixture('real/fargate-running.json'), number.toString(16).padStart(32, 'e')), [
      '10.249.47.254',
      `10.6.0.${number}`,
    ]);
  const addressesOf = (...numbers: number[]) => numbers.map((number) => `10.6.0.${number}:8080`).sort();
  const restart = (): Promise<Ministack> =>
    startMinistack({
      directory: '.local/test/outage/ministack',
      environment: { AWS_ENDPOINT_URL_ECS: discovery.ecs.endpoint, ...REMEMBERING },
      port: Number(new URL(discovery.aws.endpoint).port),
    });

  const inFiles = async (): Promise<string[]> => {
    const names = Array.from({ length: SHARDS }, (_, shard) =>
      join(directory, TARGET_FILES_FOLDER, `dev-public-${shard}.json`),
    );
    const texts = await Promise.all(names.map((name) => readFile(name, 'utf8').catch(() => '[]')));
    return texts
      .flatMap((text) => (JSON.parse(text) as { targets: string[] }[]).flatMap(({ targets }) => targets))
      .sort();
  };
  const untilInFiles = (...addresses: string[]) =>
    until(`files with ${addresses.join(', ')}`, async () =>
      JSON.stringify(await inFiles()) === JSON.stringify([...addresses].sort()) ? true : undefined,
    );
  const problems = () => targetSync.lines().filter(({ level }) => level === 'error');

  it('scrapes what the events say', async () => {
    for (const event of [1, 2, 3].map(task)) discovery.ecs.show(event.detail);
    await discovery.send(...[1, 2, 3].map(task));
    await untilInFiles(...addressesOf(1, 2, 3));
    await discovery.untilPublished('dev-public', ...addressesOf(1, 2, 3));
  });

  it('goes on scraping while AWS is away, and is right again after a resync although every event was lost', async () => {
    await aws.stop();
    discovery.ecs.show(stopped(task(1)).detail);
    discovery.ecs.show(task(4).detail);
    await until('target-sync to notice', () => problems()[0]);
    expect(await inFiles()).toEqual(addressesOf(1, 2, 3));

    aws = await restart();
    expect(await discovery.addressesOf('dev-public')).toEqual(addressesOf(1, 2, 3));
    expect(await inFiles()).toEqual(addressesOf(1, 2, 3));
    const summary = await discovery.resync();
    expect(summary.clusters[0]).toMatchObject({ added: 1, removed: 1, unchanged: 2, problems: [] });
    await untilInFiles(...addressesOf(2, 3, 4));
  });

  it('keeps the targets even of an account that has lost everything, until a deployment and a resync bring them back', async () => {
    aws.process.kill();
    await aws.stop();
    await rm(STATE, { recursive: true, force: true });
    await mkdir(STATE, { recursive: true });
    const before = problems().length;
    aws = await restart();
    await until('target-sync to find nothing there', () =>
      problems()
        .slice(before)
        .find((line) => JSON.stringify(line).includes('/targets/')),
    );
    expect(await inFiles()).toEqual(addressesOf(2, 3, 4));

    discovery.ecs.show(task(5).detail);
    await deployDiscovery(aws, discovery.options);
    await discovery.resync();
    await untilInFiles(...addressesOf(2, 3, 4, 5));
  });
});
