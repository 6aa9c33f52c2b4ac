import { describe, expect, it } from '@jest/globals';
import { commandList, runCommand } from '../../infra/local/commands.ts';
import { summaryLine } from '../../infra/local/scenario/scenario.ts';

describe('a command to try by hand', () => {
  it('that does not exist is answered with those that do', async () => {
    await expect(runCommand('scael', '3')).rejects.toThrow(/There is no command scael\. There are:.*scale 3/s);
  });

  it('is listed with what it does', () => {
    expect(commandList().every((line) => /^npm run local -- \S.* {2,}\S/.test(line))).toBe(true);
  });
});

describe('the line about a resync', () => {
  const counts = { checked: 6, added: 1, removed: 1, updated: 0, unchanged: 4 };
  const cluster = { ...counts, removalsHeld: 0, registered: 1, deregistered: 1, cluster: 'local', targets: 5 };
  const summary = {
    dryRun: false,
    complete: true,
    awsCalls: 18,
    durationMilliseconds: 140,
    clusters: [{ ...cluster, skipped: {}, problems: [] }],
  };

  it('adds up the clusters and leaves out what did not happen', () => {
    const two = { ...summary, clusters: [...summary.clusters, ...summary.clusters] };
    expect(summaryLine(two)).toBe(
      'resync says: 12 tasks checked, 2 added, 2 removed, 8 unchanged; 18 AWS calls, 0.1 s',
    );
  });

  it('does not keep quiet about what could not be done', () => {
    const [one] = summary.clusters;
    const troubled = {
      ...summary,
      clusters: [{ ...cluster, ...one, removalsHeld: 3, problems: ['shard 0: full'], skipped: {} }],
    };
    expect(summaryLine(troubled)).toContain('4 unchanged, 3 removals held, 1 problem; 18 AWS calls');
  });

  it('says that a dry run changed nothing', () => {
    expect(summaryLine({ ...summary, dryRun: true })).toMatch(/^resync would say: 6 tasks checked/);
  });
});
