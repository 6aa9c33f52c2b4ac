/** Which task a person means: by its id, the beginning of it, or its ARN. */
import { DesiredStatus, ListTasksCommand } from '@aws-sdk/client-ecs';
import { allPages } from '../../../functions/aws/paging.ts';
import { clusterKeyOf, isElsewhere } from '../../../functions/discovery/cluster/cluster-key.ts';
import { nearest } from '../../../functions/discovery/nearest.ts';
import { lastPartOfArn, placeOfArn, type TaskId } from '../../../functions/discovery/task/task.ts';
import type { AccountClients } from '../account/account-clients.ts';
import { tasksIn } from '../account/configuration.ts';
import { Problem } from '../problem.ts';
import type { Explaining, Subject } from './explain-tasks.ts';

/** Ids that ECS makes. */
const WHOLE_ID = /^[0-9a-f]{32}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isWholeId = (id: string): boolean => WHOLE_ID.test(id);

const SHOWN = 5;
/** Letters in which two ids may differ to be taken for one that is misspelt. */
const SLIPS = 4;

/** @throws Problem where it is none, or several */
export async function findTask(
  deps: Explaining,
  { ecs }: Pick<AccountClients, 'ecs'>,
  text: string,
  clusters: readonly string[],
): Promise<Subject> {
  const [, name] = /:task\/([^/]+)\/[^/]+$/.exec(text) ?? [];
  const id = lastPartOfArn(text) as TaskId;
  if (name !== undefined) {
    const clusterArn = `${placeOfArn(text)}:cluster/${name}`;
    return { id, cluster: clusterKeyOf(clusterArn, deps.lookUps.settings.here) };
  }
  if (isWholeId(id)) {
    const found = await whereIs(deps, id, clusters);
    if (found) return found;
  }
  const known = [
    ...(await knownTasks(
      ecs,
      clusters.filter((cluster) => !isElsewhere(cluster)),
    )),
    ...(await runningElsewhere(deps, clusters.filter(isElsewhere))),
  ];
  const fitting = known.filter((task) => task.id.startsWith(id));
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  if (fitting.length > 1) {
    throw new Problem(`${fitting.length} tasks begin with ${id}: ${shown(fitting)}`, 'Give more letters of the id.');
  }
  throw noSuchTask(id, clusters, known);
}

/** In ECS, or still in the configuration; a cluster of which ECS does not say may have it, too. */
async function whereIs(deps: Explaining, id: TaskId, clusters: readonly string[]): Promise<Subject | undefined> {
  const answers = await Promise.all(
    clusters.map(async (cluster) => {
      const answer = (await deps.lookUps.ecs.describeTasks(cluster, [id])).get(id);
      return { cluster, kind: answer?.kind ?? 'unknown' };
    }),
  );
  const found = answers.find(({ kind }) => kind === 'task') ?? answers.find(({ kind }) => kind === 'unknown');
  if (found) return { id, cluster: found.cluster };
  for (const cluster of clusters) {
    const states = (await deps.configuration(cluster)) ?? [];
    if (states.some((state) => tasksIn(state).has(id))) return { id, cluster };
  }
  return undefined;
}

/** Those that run, and those that stopped within about the last hour. */
async function knownTasks(ecs: AccountClients['ecs'], clusters: readonly string[]): Promise<Subject[]> {
  const lists = clusters.flatMap((cluster) =>
    [DesiredStatus.RUNNING, DesiredStatus.STOPPED].map(async (desiredStatus) => {
      const arns = await allPages(async (nextToken) => {
        const page = await ecs.send(new ListTasksCommand({ cluster, desiredStatus, nextToken }));
        return { items: page.taskArns ?? [], next: page.nextToken };
      });
      return arns.map((arn): Subject => ({ id: lastPartOfArn(arn) as TaskId, cluster }));
    }),
  );
  const found = (await Promise.all(lists)).flat();
  // A task that stops at this moment may be in both.
  return [...new Map(found.map((task) => [task.id, task])).values()];
}

async function runningElsewhere({ lookUps }: Explaining, clusters: readonly string[]): Promise<Subject[]> {
  const lists = clusters.map(async (cluster) =>
    (await lookUps.ecs.listTasks(cluster)).map((id): Subject => ({ id, cluster })),
  );
  return (await Promise.all(lists)).flat();
}

function noSuchTask(id: string, clusters: readonly string[], known: readonly Subject[]): Problem {
  const meant = nearest(
    id,
    known.map((task) => task.id),
    SLIPS,
  );
  const where = clusters.length === 1 ? `cluster ${clusters[0]} has` : `the clusters ${clusters.join(', ')} have`;
  const near = [...known].sort((a, b) => commonStart(b.id, id) - commonStart(a.id, id)).slice(0, SHOWN);
  const others = near.length === 0 ? '' : `Nearest: ${shown(near)}. `;
  return new Problem(
    `There is no task ${id}: ${where} none of that id, and none that stopped within the last hour.`,
    meant === undefined
      ? `${others}"tasks" lists all that run. Check the Region and the deployment if you expected others.`
      : `Did you mean ${meant}?`,
  );
}

const shown = (tasks: readonly Subject[]): string =>
  `${tasks
    .slice(0, SHOWN)
    .map(({ id }) => id)
    .join(', ')}${tasks.length > SHOWN ? ', …' : ''}`;

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
