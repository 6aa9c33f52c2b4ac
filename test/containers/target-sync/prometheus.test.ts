/** A real Prometheus scrapes the metrics of a real target-sync, and finds its targets by it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import getPort from 'get-port';
import { toSeconds } from '../../../functions/discovery/change/change.ts';
import { encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { loopbackEnvironment } from '../../../infra/local/loopback.ts';
import { startChild } from '../../../infra/local/process/child.ts';
import { waitForHttp } from '../../../infra/local/process/wait-for-http.ts';
import { prometheusProgram } from '../../../infra/local/prometheus/program.ts';
import { instantQuery } from '../../../infra/local/prometheus/query.ts';
import { startFakeAws } from './fake-aws.ts';
import { inFolder } from './fixtures.ts';
import { startTargetSync, until } from './process.ts';
import { address, announcing, shardWith, stop, upsert } from './statements.ts';

jest.setTimeout(120_000);

/** Starts a Prometheus that scrapes target-sync every second, and every second asks it for targets. */
async function startPrometheus(folder: string, targetSync: string) {
  const { path } = await prometheusProgram();
  const port = await getPort();
  await mkdir(folder);
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      { job_name: 'target-sync', static_configs: [{ targets: [targetSync] }] },
      {
        job_name: 'discovered',
        scrape_interval: '60s',
        http_sd_configs: [{ url: `http://${targetSync}/targets?cluster=prod`, refresh_interval: '1s' }],
      },
    ],
  };
  // YAML is a superset of JSON.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = await startChild({
    name: 'Prometheus',
    command: path,
    arguments: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'storage')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    environment: loopbackEnvironment(),
    log: join(folder, 'log'),
    directory: folder,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await waitForHttp(child, `${endpoint}/-/ready`, 60);
  const value = async (expression: string) => (await instantQuery(endpoint, expression))[0]?.value;
  const discovered = async (): Promise<string[]> => {
    const { data } = (await (await fetch(`${endpoint}/api/v1/targets`)).json()) as {
      data: { activeTargets: { discoveredLabels: Record<string, string>; scrapePool: string }[] };
    };
    return data.activeTargets
      .filter(({ scrapePool }) => scrapePool === 'discovered')
      .map(({ discoveredLabels }) => discoveredLabels['__address__'] ?? '')
      .sort();
  };
  return { value, discovered, stop: () => child.stop() };
}

it('target-sync is scraped by a Prometheus, which finds its targets by http_sd', () =>
  inFolder(async (folder) => {
    const aws = await startFakeAws();
    const now = () => toSeconds(Date.now());
    aws.put(
      '/discovery/prod/targets/0',
      String(encodeShard({ base: 0, shard: shardWith(upsert(1), upsert(2)) }, 4096)),
    );
    const process = startTargetSync({
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      DISCOVERY_DEPLOYMENT: 'discovery',
      DISCOVERY_CLUSTERS: 'prod',
      DISCOVERY_SHARDS: '1',
      TARGET_SYNC_QUEUE_URL: aws.queueUrl,
      TARGET_SYNC_DIRECTORY: join(folder, 'volume'),
    });
    const { healthPort } = await process.logged('target-sync started');
    const prometheus = await startPrometheus(join(folder, 'prometheus'), `127.0.0.1:${healthPort}`);
    const untilDiscovered = (...addresses: string[]) =>
      until(addresses.join(', '), async () => (await prometheus.discovered()).join() === addresses.join() || undefined);
    const untilValue = (expression: string, expected: number) =>
      until(`${expression} = ${expected}`, async () => (await prometheus.value(expression)) === expected || undefined);
    try {
      await untilDiscovered(address(1), address(2));
      aws.send(announcing([upsert(3, 1, now()), stop(1, 9, now())], { changedAt: Date.now() - 200 }));
      await untilDiscovered(address(2), address(3));
      await untilValue('target_sync_targets{cluster="prod"}', 2);
      await untilValue('target_sync_changes_total{kind="stop"}', 1);
      await untilValue('target_sync_event_to_file_seconds_count', 1);
      await untilValue('target_sync_open_problems', 0);
      await untilValue('target_sync_restarts_total', 0);
      expect(await prometheus.value('target_sync_event_to_file_seconds_sum')).toBeGreaterThan(0.1);
      expect(await prometheus.value('target_sync_configuration_age_seconds{cluster="prod"}')).toBeLessThan(60);
      const page = await (await fetch(`http://127.0.0.1:${healthPort}/status`)).text();
      expect(page).toContain('target-sync of discovery: ok');

      // What cannot be asked is kept.
      await process.end('SIGTERM');
      await untilValue('up{job="target-sync"}', 0);
      expect(await prometheus.discovered()).toEqual([address(2), address(3)]);
    } finally {
      await prometheus.stop();
      await aws.stop();
    }
  }));
