/** Announces what a resync found and did in one cluster. */
import { describeError } from '../aws/errors.ts';
import type { Announcer } from '../aws/sns.ts';
import type { Announcement } from '../discovery/change/announcement.ts';
import type { TaskId } from '../discovery/task/task.ts';

export interface ClusterAnnouncer {
  /**
   * Nothing where there is nothing to announce.
   *
   * @returns the tasks whose changes were not announced
   */
  announce(
    lists: Partial<Pick<Announcement, 'changes' | 'misregistered' | 'compared' | 'written'>>,
  ): Promise<ReadonlySet<TaskId>>;
}

export const createClusterAnnouncer = (
  announcer: Announcer,
  { deployment, cluster }: Pick<Announcement, 'deployment' | 'cluster'>,
  onProblem: (problem: string) => void,
): ClusterAnnouncer => ({
  async announce({ changes = [], misregistered = [], compared = [], written = [] }) {
    if (changes.length + misregistered.length + compared.length + written.length === 0) return new Set();
    const failed = await announcer.announce([{ deployment, cluster, changes, misregistered, compared, written }]);
    for (const { part, error } of failed) {
      const about = part.changes.length > 0 ? `${part.changes.length} changes were` : 'The comparison was';
      onProblem(`${about} not announced: ${describeError(error)}`);
    }
    return new Set(failed.flatMap(({ part }) => part.changes.map(({ taskId }) => taskId)));
  },
});
