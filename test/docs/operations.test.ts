import { describe, expect, it } from '@jest/globals';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../functions/discovery/metric-names.ts';
import { createProgram } from '../../infra/cli/program.ts';
import { SETTINGS } from '../../infra/settings/settings.ts';
import { appOf } from '../infra/synth.ts';
import { alarmsIn } from './alarms.ts';
import { blocksOf, firstCells, pageOf, quotesIn, SOURCES, sectionOf } from './pages.ts';
import { OF_A_MOVE, permissionsOfCommandLine } from './permissions.ts';

const page = pageOf('docs/operations.md');
const sorted = (all: Iterable<string>): string[] => [...new Set(all)].sort();

describe('docs/operations.md', () => {
  it('explains every alarm that there is, and no other', () => {
    const network = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };
    const app = appOf({ clusters: 'prod', namespaces: 'internal', collectors: 2, collector: true, ...network });
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
    const quoted = firstCells(sectionOf(page, 'Redrive')).flatMap(quotesIn);
    expect(quoted).toHaveLength(4);
    expect(quoted.filter((reason) => !SOURCES.includes(reason))).toEqual([]);
  });

  it('explains every field of a resync’s answer', () => {
    const [example = ''] = blocksOf(sectionOf(page, 'Reading the answer'), 'json');
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

  it('has every command of the command line in its table, and no other', () => {
    const commands = createProgram({} as never, 'x').commands.map((command) => command.name());
    const named = firstCells(sectionOf(page, 'Before you start')).flatMap(quotesIn);
    expect(named.map((quoted) => quoted.split(' ')[0])).toEqual(commands);
  });

  it('has a policy with all that the command line asks for, and nothing else', () => {
    const policy = blocksOf(sectionOf(page, 'Before you start'), 'json').map((text) => JSON.parse(text))[0];
    const allowed = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action) as string[];
    expect(sorted(allowed)).toEqual(sorted([...permissionsOfCommandLine(), ...OF_A_MOVE]));
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
