import type { ResyncSummary } from '../../../functions/resync/resync-summary.ts';

/** A resync in a line: `resync says: 5 tasks checked, 1 added, 1 removed, 4 unchanged; 9 AWS calls, 0.3 s`. */
export const summaryLine = ({ clusters, awsCalls, durationMilliseconds, dryRun }: ResyncSummary): string => {
  const sum = (name: 'checked' | 'added' | 'updated' | 'removed' | 'unchanged'): number =>
    clusters.reduce((total, counts) => total + counts[name], 0);
  const changes = (['added', 'updated', 'removed', 'unchanged'] as const)
    .filter((name) => sum(name) > 0)
    .map((name) => `${sum(name)} ${name}`);
  const held = clusters.reduce((total, { removalsHeld }) => total + removalsHeld, 0);
  const problems = clusters.reduce((total, cluster) => total + cluster.problems.length + cluster.moreProblems, 0);
  const skipped = clusters.reduce((total, cluster) => total + cluster.skippedTasks.length + cluster.moreSkipped, 0);
  if (skipped > 0) changes.push(`${skipped} not scraped`);
  if (held > 0) changes.push(`${held} removals held`);
  if (problems > 0) changes.push(`${problems} ${problems === 1 ? 'problem' : 'problems'}`);
  const what = dryRun ? 'resync would say' : 'resync says';
  const calls = `${awsCalls} AWS calls, ${(durationMilliseconds / 1000).toFixed(1)} s`;
  return `${what}: ${sum('checked')} tasks checked, ${changes.join(', ') || 'nothing to do'}; ${calls}`;
};
