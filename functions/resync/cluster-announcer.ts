/** Announces what a resync found and did in one cluster. */
import { describeError } from '../aws/errors.ts';
import type { Announcer } from '../aws/sns.ts';
import type { Announcement, WrittenShard } from '../discovery/change/announcement.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';

type Lists = Pick<Announcement, 'changes' | 'misregistered' | 'compared' | 'written'>;

export class ClusterAnnouncer {
  readonly #announcer: Announcer;
  readonly #settings: Pick<DiscoverySettings, 'deployment' | 'shards'>;
  readonly #cluster: string;
  readonly #onProblem: (problem: string) => void;

  constructor(
    {
      announcer,
      settings,
    }: { readonly announcer: Announcer; readonly settings: Pick<DiscoverySettings, 'deployment' | 'shards'> },
    cluster: string,
    onProblem: (problem: string) => void,
  ) {
    this.#announcer = announcer;
    this.#settings = settings;
    this.#cluster = cluster;
    this.#onProblem = onProblem;
  }

  writtenShard(shard: number, version: number): WrittenShard {
    return { shard, shards: this.#settings.shards, version };
  }

  /**
   * Nothing where there is nothing to announce.
   *
   * @returns the tasks whose changes were not announced
   */
  async announce(lists: Partial<Lists>): Promise<ReadonlySet<TaskId>> {
    const { changes = [], misregistered = [], compared = [], written = [] } = lists;
    if (changes.length + misregistered.length + compared.length + written.length === 0) return new Set();
    const { deployment } = this.#settings;
    const failed = await this.#announcer.announce([
      { deployment, cluster: this.#cluster, changes, misregistered, compared, written },
    ]);
    for (const { part, error } of failed) {
      const about = part.changes.length > 0 ? `${part.changes.length} changes were` : 'The comparison was';
      this.#onProblem(`${about} not announced: ${describeError(error)}`);
    }
    return new Set(failed.flatMap(({ part }) => part.changes.map(({ taskId }) => taskId)));
  }
}
