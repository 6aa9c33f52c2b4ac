/**
 * The deployed pipeline on a real collector: target files, scrapes, samples in a real Prometheus. The first run on a
 * machine builds the collector, which takes five to ten minutes on two cores.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collectorPipeline } from '../../../infra/constructs/collector/collector-pipeline.ts';
import { type LocalCollector, startCollector } from '../../../infra/local/collector/local-collector.ts';
import {
  type CollectorProgram,
  collectorProgram,
  type OpenTelemetryCollector,
  openTelemetryCollector,
  prometheusAgent,
} from '../../../infra/local/collector/program.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import type { Child } from '../../../infra/local/process/child.ts';
import { type Prometheus, startPrometheus } from '../../../infra/local/prometheus/local-prometheus.ts';
import { prometheusProgram } from '../../../infra/local/prometheus/program.ts';
import { until } from '../until.ts';
import { startWebapp } from '../webapp-process.ts';

const BUILD_MILLISECONDS = 20 * 60_000;
const DIRECTORY = join(PROJECT_ROOT, '.local/test/collector-test');

/** What the deployed collector gets, with names that the collector itself has to expand. */
const deployed = (targetFiles = '/etc/prometheus-targets/file_sd/*.json') =>
  collectorPipeline({
    region: 'eu-west-1',
    remoteWriteEndpoint: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
    targetFiles,
    collectorName: '$'.concat('{env:COLLECTOR_NAME:-collector}'),
  });

const labelsOf = (address: string) => ({
  cluster: 'prod',
  service: 'webapp',
  taskdefinition: 'webapp',
  namespace: 'ecs-services',
  taskid: `task-of-${address}`,
  instance: address,
  port: '3000',
});

describe('the collector', () => {
  let program: CollectorProgram;
  const reported: string[] = [];

  beforeAll(async () => {
    program = await collectorProgram((line) => reported.push(line));
  }, BUILD_MILLISECONDS);

  it('is the real one, at the version of the deployed ADOT v0.50', () => {
    expect(`${program.name} ${program.version}`).toBe('OpenTelemetry Collector 0.158.0');
    expect(reported.join()).not.toContain('In the place of');
  });

  it('refuses to write to anything that is not on this machine', async () => {
    const elsewhere = startCollector({
      program,
      targetsDirectory: DIRECTORY,
      directory: `${DIRECTORY}-elsewhere`,
      remoteWriteEndpoint: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
    });
    await expect(elsewhere).rejects.toThrow('is not on this machine');
  });

  it('says why when it does not start', async () => {
    const log = `${DIRECTORY}-wrong.log`;
    await rm(log, { force: true });
    const wrong = startCollector({
      program,
      log,
      targetsDirectory: DIRECTORY,
      directory: `${DIRECTORY}-wrong`,
      remoteWriteEndpoint: 'http://127.0.0.1:9/write',
      scrapeIntervalSeconds: -1,
    });
    await expect(wrong).rejects.toThrow(
      /ended \(exit code 1\) before it was ready.*not a valid duration string: "-1s"/s,
    );
  });

  describe("'s check of a configuration", () => {
    let collector: OpenTelemetryCollector;

    beforeAll(async () => {
      collector = await openTelemetryCollector();
    });

    it('accepts the deployed one', async () => {
      await collector.validate(deployed());
    });

    it.each([
      [
        'a setting that does not exist',
        deployed().replace('max_batch_size_bytes', 'max_batch_bytes'),
        'max_batch_bytes',
      ],
      ['a component that is not built in', deployed().replaceAll('sigv4auth', 'sigv5auth'), '"sigv5auth"'],
      ['target files of a kind that is not read', deployed('/etc/targets/*.txt'), '/etc/targets/*.txt'],
      ['a pipeline without its exporter', deployed().replace(/exporters: \[.*\]/, 'exporters: []'), 'exporter'],
    ])('refuses %s and names it', async (_what, pipeline, named) => {
      expect(pipeline).not.toBe(deployed());
      await expect(collector.validate(pipeline)).rejects.toThrow(named);
    });
  });
});

describe.each([
  ['the OpenTelemetry Collector', () => openTelemetryCollector()],
  ['Prometheus as an agent, its stand-in', async () => prometheusAgent(await prometheusProgram())],
])('the deployed pipeline on %s', (name, chosen) => {
  const directory = `${DIRECTORY}-${name.split(' ')[1]}`;
  const targetsDirectory = join(directory, 'targets');
  const [first, second] = ['127.81.0.1', '127.81.0.2'];
  let prometheus: Prometheus;
  let collector: LocalCollector;
  const webapps: Child[] = [];

  /** Replaces a target file as target-sync does. */
  const publish = async (file: string, addresses: readonly string[]): Promise<void> => {
    const groups = addresses.map((address) => ({
      targets: [`${address}:3000`],
      labels: { ...labelsOf(address), __metrics_path__: '/metrics' },
    }));
    await writeFile(join(targetsDirectory, `${file}.new`), JSON.stringify(groups));
    await rename(join(targetsDirectory, `${file}.new`), join(targetsDirectory, file));
  };

  /** Addresses that are scraped with success now. */
  const up = async (): Promise<string> => {
    const samples = await prometheus.query('up{job="ecs"} == 1');
    return samples
      .map(({ labels }) => labels['instance'])
      .sort()
      .join();
  };

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(targetsDirectory, { recursive: true });
    const program = await chosen();
    prometheus = await startPrometheus({
      directory: join(directory, 'prometheus'),
      log: `${directory}-prometheus.log`,
      port: 0,
    });
    for (const address of [first, second]) webapps.push(await startWebapp(address, `${directory}-webapp.log`));
    await publish('prod-0.json', [first]);
    collector = await startCollector({
      program,
      targetsDirectory,
      remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
      scrapeIntervalSeconds: 1,
      name: 'collector-7',
      directory: join(directory, 'collector'),
      log: `${directory}.log`,
    });
  }, BUILD_MILLISECONDS);

  afterAll(async () => {
    await collector?.stop();
    await Promise.all(webapps.map((webapp) => webapp.stop()));
    await prometheus?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('brings the samples of a target to Prometheus under their own names, with the labels of its file', async () => {
    const [requests] = await until('http_requests_total', async () => {
      const samples = await prometheus.query('http_requests_total');
      return samples.length > 0 && samples;
    });
    expect(requests?.labels).toEqual({
      ...labelsOf(first),
      __name__: 'http_requests_total',
      job: 'ecs',
      path: '/work',
      method: 'GET',
      status: '200',
    });
    const buckets = await prometheus.query('request_duration_milliseconds_bucket{le="+Inf"}');
    expect(buckets.map(({ labels }) => labels['instance'])).toEqual([first]);
    expect(buckets[0]?.value).toBeGreaterThan(0);
  }, 40_000);

  it('brings its own metrics under the name it was given', async () => {
    const own = await until('its own metrics', async () => {
      const samples = await prometheus.query('up{job="collector"}');
      return samples.length > 0 && samples;
    });
    expect(own.map(({ labels, value }) => [labels['instance'], value])).toEqual([['collector-7', 1]]);
  }, 40_000);

  it('follows the target files without a restart: a target that comes, one that goes, a file that goes', async () => {
    const { pid } = collector.process();
    await publish('prod-1.json', [second]);
    await until('both targets', async () => (await up()) === `${first},${second}`);
    await publish('prod-0.json', []);
    await until('the second target alone', async () => (await up()) === second);
    await rm(join(targetsDirectory, 'prod-1.json'));
    await until('no target', async () => (await up()) === '');
    expect(collector.process().pid).toBe(pid);
    expect(collector.process().running()).toBe(true);
  }, 100_000);

  it('keeps the targets of a file that somebody broke', async () => {
    await publish('prod-0.json', [first]);
    await until('the target', async () => (await up()) === first);
    const before = (await readFile(`${directory}.log`, 'utf8')).length;
    await writeFile(join(targetsDirectory, 'prod-0.json'), '[{"targets": ["127.81.');
    await until('a complaint about the file', async () =>
      (await readFile(`${directory}.log`, 'utf8')).slice(before).includes('prod-0.json'),
    );
    const since = Date.now() / 1000;
    const [sample] = await until('a scrape after it', () =>
      prometheus.query(`timestamp(up{instance="${first}"}) > ${since}`).then((found) => found.length > 0 && found),
    );
    expect(sample?.labels['taskid']).toBe(labelsOf(first).taskid);
  }, 70_000);

  it('goes on with the files as they are after it was killed', async () => {
    await publish('prod-0.json', [first]);
    collector.kill();
    await collector.process().ended;
    await publish('prod-0.json', [second]);
    await collector.restart();
    await until('the new target', async () => (await up()).split(',').includes(second));
  }, 70_000);
});
