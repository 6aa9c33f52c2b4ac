import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../functions/discovery/metric-names.ts';
import { encodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { parseResyncRequest } from '../../functions/resync/resync-summary.ts';
import { SETTINGS } from '../../infra/settings/settings.ts';
import { shardOf, targets } from '../factories/shards.ts';
import { appOf } from '../infra/synth.ts';
import { alarmsIn } from './alarms.ts';
import { blocksOf, firstCells, pageOf, quotesIn, SOURCES, sectionOf } from './pages.ts';

const page = pageOf('docs/operations.md');
const sorted = (all: Iterable<string>): string[] => [...new Set(all)].sort();

describe('docs/operations.md', () => {
  it('explains every alarm that there is, and no other', () => {
    const network = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };
    const app = appOf({ clusters: 'prod', collectors: 2, collector: true, ...network });
    const made = alarmsIn(app).map(({ node }) =>
      node.id.replace(/^prod/, '<cluster>').replace(/^Collector\d+/, 'Collector<n>'),
    );
    const explained = firstCells(sectionOf(page, 'Alarms')).flatMap(quotesIn);
    expect(sorted(explained)).toEqual(sorted(made));
  });

  it('explains every metric that there is, and no other', () => {
    const section = sectionOf(page, 'Metrics');
    expect(sorted(firstCells(section).flatMap(quotesIn))).toEqual(sorted(Object.values(METRICS)));
    expect(quotesIn(section)).toEqual(expect.arrayContaining([METRICS_NAMESPACE, ...Object.values(DIMENSIONS)]));
  });

  it('quotes log messages that there are, and leaves out none', () => {
    const quoted = firstCells(sectionOf(page, 'Logs')).flatMap(quotesIn);
    const isWritten = (message: string): boolean =>
      SOURCES.includes(`'${message}'`) || SOURCES.includes(`\`${message}`) || SOURCES.includes(`'${message}:`);
    expect(quoted.filter((message) => !isWritten(message))).toEqual([]);
    const calls = SOURCES.matchAll(/(?:report\.(?:info|warn)\(|\blog\('(?:info|warn)', )\s*'([^']+)'/g);
    const written = [...calls].map(([, message = '']) => message);
    expect(written.length).toBeGreaterThan(15);
    expect(sorted(written).filter((message) => !quoted.includes(message))).toEqual([]);
  });

  it('quotes reasons of the dead-letter queue that there are', () => {
    const quoted = firstCells(sectionOf(page, 'Redrive'))
      .flatMap(quotesIn)
      .filter((it) => it !== 'None');
    expect(quoted).toHaveLength(3);
    expect(quoted.filter((reason) => !SOURCES.includes(reason))).toEqual([]);
  });

  it('explains every field of a resync’s answer', () => {
    const [example = ''] = blocksOf(page, 'json');
    const { clusters, ...whole } = JSON.parse(example) as { clusters: Record<string, unknown>[] };
    const explained = firstCells(sectionOf(page, 'Reading the answer')).flatMap(quotesIn);
    const fields = [...Object.keys(whole), ...Object.keys(clusters[0] ?? {})];
    expect(fields.filter((field) => !explained.includes(field) && field !== 'cluster' && field !== 'dryRun')).toEqual([
      'durationMilliseconds',
    ]);
    expect(sorted(fields).filter((field) => !new RegExp(`readonly ${field}:|${field}: number;`).test(SOURCES))).toEqual(
      [],
    );
  });

  it('gives resync payloads that it takes', () => {
    const payloads = blocksOf(page, 'sh').flatMap((block) =>
      [...block.matchAll(/'(\{"[^']*\})'/g)].map(([, text = '']) => text),
    );
    expect(payloads.length).toBeGreaterThan(6);
    for (const text of payloads) expect(() => parseResyncRequest(JSON.parse(text), ['prod', 'staging'])).not.toThrow();
  });

  it('gives shell that bash takes', () => {
    for (const block of blocksOf(page, 'sh')) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' });
      expect([stderr, status]).toEqual(['', 0]);
    }
  });

  it('has a function that shows shards, long and short ones, as a person can read them', () => {
    const [functions = ''] = blocksOf(sectionOf(page, 'Before you start'), 'sh');
    const few = shardOf([targets(1)]);
    const many = shardOf(
      Array.from({ length: 120 }, (_, index) => targets(index, { taskId: `task-${index}` as TaskId })),
    );
    const Parameters = [few, many].map((shard, index) => ({
      Name: `/ecs-prometheus-discovery/prod/targets/${index}`,
      Value: encodeShard({ base: 1, shard }, 4096),
    }));
    expect(Parameters.map(({ Value }) => Value?.startsWith('br:'))).toEqual([false, true]);
    const script = `aws() { printf '%s' "$ANSWER"; }\n${functions}\nshards prod | grep task-119`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, ANSWER: JSON.stringify({ Parameters }) },
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\/ecs-prometheus-discovery\/prod\/targets\/1 \{"v":1,.*"task-119"/);
  });

  it('has a function that hands a payload to resync as it is, and an empty one without', () => {
    const [functions = ''] = blocksOf(sectionOf(page, 'Before you start'), 'sh');
    const run = (call: string): string =>
      spawnSync('bash', ['-c', `${functions}\noutput() { echo fn; }\naws() { cat; }\n${call} 2>/dev/null`], {
        encoding: 'utf8',
      }).stdout;
    expect(run(`resync '{"dryRun": true}'`)).toMatch(/^\{"dryRun": true\}/);
    expect(run('resync')).toMatch(/^\{\}/);
  });

  it('names settings that there are', () => {
    for (const name of [
      'resyncSchedule',
      'resyncRemovalLimitPercent',
      'scrapePorts',
      'alarmEmail',
      'alarmTopicArn',
      'workspaceRemoval',
      'shardTier',
    ]) {
      expect([name, page.includes(`\`${name}\``), Object.hasOwn(SETTINGS, name)]).toEqual([name, true, true]);
    }
  });
});
