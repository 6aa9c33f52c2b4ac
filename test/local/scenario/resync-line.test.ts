import { describe, expect, it } from '@jest/globals';
import { type ClusterSummary, noCounts, type ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import { summaryLine } from '../../../infra/local/scenario/resync-line.ts';

describe('the line about a resync', () => {
  const cluster: ClusterSummary = {
    ...noCounts(),
    ...{ checked: 6, added: 1, removed: 1, unchanged: 4, registered: 1, deregistered: 1 },
    ...{ cluster: 'local', targets: 5, skipped: {}, skippedTasks: [], moreSkipped: 0, problems: [], moreProblems: 0 },
  };
  const summary: ResyncSummary = {
    dryRun: false,
    complete: true,
    awsCalls: 18,
    durationMilliseconds: 140,
    clusters: [cluster],
  };

  it('adds up the clusters and leaves out what did not happen', () => {
    const two = { ...summary, clusters: [...summary.clusters, ...summary.clusters] };
    expect(summaryLine(two)).toBe(
      'resync says: 12 tasks checked, 2 added, 2 removed, 8 unchanged; 18 AWS calls, 0.1 s',
    );
  });

  it('does not keep quiet about what could not be done', () => {
    const troubled = { ...summary, clusters: [{ ...cluster, removalsHeld: 3, problems: ['shard 0: full'] }] };
    expect(summaryLine(troubled)).toContain('4 unchanged, 3 removals held, 1 problem; 18 AWS calls');
  });

  it('counts what is not scraped, and what it does not list', () => {
    const skippedTasks = [{ task: 'a', reason: 'no-address', problem: 'it has none' }];
    const troubled = { ...summary, clusters: [{ ...cluster, skippedTasks, moreSkipped: 4, moreProblems: 2 }] };
    expect(summaryLine(troubled)).toContain('4 unchanged, 5 not scraped, 2 problems; 18 AWS calls');
  });

  it('says that a dry run changed nothing', () => {
    expect(summaryLine({ ...summary, dryRun: true })).toMatch(/^resync would say: 6 tasks checked/);
  });
});
