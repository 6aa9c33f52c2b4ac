/** Resyncs of an account. */
import { type ResyncRun, resync } from '../../functions/resync/resync.ts';
import type { ClusterSummary, ResyncRequest } from '../../functions/resync/resync-summary.ts';
import type { Account } from './account.ts';
import { deliver, numbers } from './stages.ts';
import type { TaskOptions } from './tasks.ts';

export const DAY = 86_400_000;

/** One run, which announces; nothing is delivered yet. */
export const announceDrift = (
  { clock, client, deps }: Account,
  request: ResyncRequest = {},
  milliseconds = DAY,
): Promise<ResyncRun> => clock.run(() => resync(deps, request, clock.now() + milliseconds, () => client.sent.length));

/** Resyncs, and brings what was announced to the store and to the register; the summary of the first cluster. */
export async function resyncOnce(account: Account, request: ResyncRequest = {}): Promise<ClusterSummary> {
  const { summary, resume } = await announceDrift(account, request);
  if (resume || !summary.complete) throw new Error('the resync did not come to its end');
  await deliver(account);
  return summary.clusters[0] as ClusterSummary;
}

const WRITES = ['PutParameter', 'RegisterInstance', 'DeregisterInstance', 'PublishBatch'];

/** What was written so far where a target or an instance is; what resync remembers for itself is not among it. */
export const writesOf = ({ client }: Account): string[] =>
  client.sent
    .filter(({ operation, input }) => WRITES.includes(operation) && !/task-definitions/.test(String(input['Name'])))
    .map(({ operation }) => operation);

/** Resyncs to the end, as the Lambda does by invoking itself; answers how many runs it took. */
export async function resyncToTheEnd(account: Account, request: ResyncRequest, milliseconds: number): Promise<number> {
  let next: ResyncRequest | undefined = request;
  for (let runs = 0; runs <= 50; runs++) {
    if (next === undefined) return runs;
    next = (await announceDrift(account, next, milliseconds)).resume;
    await deliver(account);
  }
  throw new Error('it goes on for ever');
}

export const someTasks = (count: number, options: TaskOptions = {}, from = 1): TaskOptions[] =>
  numbers(count, from).map((number) => ({ number, ...options }));
