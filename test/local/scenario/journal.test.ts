import { describe, expect, it } from '@jest/globals';
import { createJournal } from '../../../infra/local/scenario/journal.ts';
import { localCluster, runningCluster, WEBAPP_CONTAINER } from '../ecs/local-cluster.ts';

/** A journal of everything that happens to two running tasks while `act` and its consequences go on. */
const journalOf = async (act: (cluster: Awaited<ReturnType<typeof runningCluster>>) => void) => {
  const cluster = await runningCluster(2);
  act(cluster);
  await cluster.settled();
  const journal = createJournal();
  for (const change of cluster.changes) journal.record(change);
  return { cluster, changes: journal.since(0) };
};

describe('the journal', () => {
  it('notes each task once when it comes to run, whatever else its events say', async () => {
    const { changes } = await journalOf(() => {});
    expect(changes.map(({ kind }) => kind)).toEqual(['comes', 'comes']);
  });

  it('notes the moment a task is told to stop, not the one in which it has stopped', async () => {
    const { cluster, changes } = await journalOf(({ api, plane }) => {
      api('StopTask', { cluster: 'local', task: plane.tasks()[0]?.id });
    });
    const told = cluster.changes.find(({ desiredStatus }) => desiredStatus === 'STOPPED');
    expect(changes.filter(({ kind }) => kind === 'goes')).toEqual([
      { taskId: told?.id, workload: 'webapp', kind: 'goes', at: told?.updatedAt },
    ]);
    expect(changes.filter(({ kind }) => kind === 'comes')).toHaveLength(3);
  });

  it('notes a task that failed to start, and one whose program ended before it ran', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const workloads = [
      () => Promise.reject(new Error('no such image')),
      async () => ({ pid: 1, ended, stop: async () => {} }),
    ];
    const cluster = localCluster(() => workloads.shift()?.() ?? Promise.reject(new Error('no more')));
    const size = { cpu: '256', memory: '512' };
    const taskDefinition = cluster.plane.registerTaskDefinition('batch', [WEBAPP_CONTAINER], size);
    for (const _ of [1, 2]) cluster.plane.runTask({ taskDefinition });
    resolve('exit code 3: no configuration');
    await cluster.settled();
    const journal = createJournal();
    for (const change of cluster.changes) journal.record(change);
    expect(journal.since(0).map(({ kind, workload }) => [kind, workload])).toEqual([
      ['fails', 'batch'],
      ['fails', 'batch'],
    ]);
    expect(cluster.plane.tasks()[1]).toMatchObject({ exitCode: 3, exitReason: 'exit code 3: no configuration' });
  });

  it('says nothing of a task that never ran', async () => {
    const cluster = await runningCluster(0);
    const journal = createJournal();
    cluster.api('UpdateService', { cluster: 'local', service: 'webapp', desiredCount: 1 });
    await Promise.resolve();
    cluster.api('UpdateService', { cluster: 'local', service: 'webapp', desiredCount: 0 });
    await cluster.settled();
    expect(cluster.changes.length).toBeGreaterThan(0);
    for (const change of cluster.changes) journal.record(change);
    expect(journal.since(0)).toEqual([]);
  });
});
