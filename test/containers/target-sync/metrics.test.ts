import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import { countStart } from '../../../containers/target-sync/files/start-count.ts';
import { createIncidents } from '../../../containers/target-sync/operator/incidents.ts';
import { createMetrics } from '../../../containers/target-sync/operator/metrics.ts';
import { TARGET_SYNC_METRICS } from '../../../functions/discovery/target-sync-metrics.ts';
import { fillableFiles, inFolder, stillClock } from './fixtures.ts';
import { deselect, stop, upsert } from './statements.ts';

function metricsOf(restarts = 0, shards = [0, 2]) {
  const clock = stillClock();
  const incidents = createIncidents(
    () => {},
    () => 0,
  );
  const metrics = createMetrics({ incidents, clusters: ['prod', 'test'], shards, restarts, now: clock.now });
  const samples = async () => (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { clock, incidents, metrics, samples };
}

describe('the metrics of target-sync', () => {
  it('have the names that dashboards and rules refer to', async () => {
    const { metrics } = metricsOf();
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    expect(names.sort()).toEqual([
      'target_sync_changes_total counter',
      'target_sync_configuration_age_seconds gauge',
      'target_sync_event_to_file_seconds histogram',
      'target_sync_open_problems gauge',
      'target_sync_restarts_total counter',
      'target_sync_targets gauge',
    ]);
    expect(Object.values(TARGET_SYNC_METRICS)).toHaveLength(names.length);
  });

  it('count the targets in the files of each cluster', async () => {
    const { metrics, samples } = metricsOf();
    metrics.published?.('prod', 0, 3);
    metrics.published?.('prod', 2, 4);
    metrics.published?.('prod', 0, 2);
    expect(await samples()).toEqual(
      expect.arrayContaining(['target_sync_targets{cluster="prod"} 6', 'target_sync_targets{cluster="test"} 0']),
    );
  });

  it('measure from the event to the file, also where the clocks differ', async () => {
    const { metrics, samples, clock } = metricsOf();
    metrics.shown?.(clock.now() - 450);
    metrics.shown?.(clock.now() + 5);
    const found = await samples();
    expect(found).toEqual(
      expect.arrayContaining([
        'target_sync_event_to_file_seconds_bucket{le="0.1"} 1',
        'target_sync_event_to_file_seconds_bucket{le="0.5"} 2',
        'target_sync_event_to_file_seconds_sum 0.45',
        'target_sync_event_to_file_seconds_count 2',
      ]),
    );
  });

  it('know how old the configuration is: as old as that of the shard that was read longest ago', async () => {
    const { metrics, samples, clock } = metricsOf();
    clock.advance(1000);
    metrics.read?.('prod', 0);
    clock.advance(2000);
    expect(metrics.configurationAge('prod')).toBe(3);
    metrics.read?.('prod', 2);
    clock.advance(4000);
    expect(await samples()).toEqual(
      expect.arrayContaining([
        'target_sync_configuration_age_seconds{cluster="prod"} 6',
        'target_sync_configuration_age_seconds{cluster="test"} 7',
      ]),
    );
    expect(metricsOf(0, []).metrics.configurationAge('prod')).toBe(0);
  });

  it('count changes by kind, open problems and restarts', async () => {
    const { metrics, samples, incidents } = metricsOf(3);
    for (const change of [upsert(1), upsert(2), stop(1)]) metrics.heard?.('prod', change);
    incidents.begin('a', 'one');
    incidents.begin('b', 'two');
    const counted = await samples();
    expect(counted).toEqual(
      expect.arrayContaining([
        'target_sync_changes_total{kind="upsert"} 2',
        'target_sync_changes_total{kind="stop"} 1',
        `target_sync_changes_total{kind="${deselect(1).kind}"} 0`,
        'target_sync_open_problems 2',
        'target_sync_restarts_total 3',
      ]),
    );
  });
});

describe('starts', () => {
  it('are counted on the volume', () =>
    inFolder(async (folder) => {
      expect([await countStart(systemFiles, folder), await countStart(systemFiles, folder)]).toEqual([0, 1]);
      expect(await readFile(join(folder, 'starts'), 'utf8')).toBe('2\n');
      await writeFile(join(folder, 'starts'), 'many');
      expect([await countStart(systemFiles, folder), await countStart(systemFiles, folder)]).toEqual([0, 1]);
    }));

  it('need no room', () =>
    inFolder(async (folder) => {
      expect(await countStart({ ...fillableFiles(), open: () => Promise.reject(new Error('ENOSPC')) }, folder)).toBe(0);
    }));
});
