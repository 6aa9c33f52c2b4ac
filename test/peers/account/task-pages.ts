/**
 * ListTasks of a whole cluster, as it was when its first page was asked for: a task that stops between two pages neither
 * hides another one nor leaves an empty page, which the model's own pages do. AWS says nothing of either.
 */
import { randomUUID } from 'node:crypto';
import type { ControlPlane } from '../../../infra/local/ecs/control-plane.ts';
import { LARGEST_PAGE } from '../../../infra/local/ecs/paging.ts';

interface ListTasks {
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly serviceName?: string;
  readonly family?: string;
}

/** @returns answers a page; undefined for a part of the cluster, which is the model's to answer */
export const taskPages = (plane: ControlPlane): ((input: ListTasks) => object | undefined) => {
  const remaining = new Map<string, readonly string[]>();
  return ({ maxResults = LARGEST_PAGE, nextToken, serviceName, family }) => {
    if (serviceName !== undefined || family !== undefined) return undefined;
    const running = () => plane.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
    const arns = nextToken === undefined ? running().map(({ arn }) => arn) : remaining.get(nextToken);
    if (arns === undefined) return undefined;
    const taskArns = arns.slice(0, maxResults);
    if (arns.length <= maxResults) return { taskArns };
    const token = randomUUID();
    remaining.set(token, arns.slice(maxResults));
    return { taskArns, nextToken: token };
  };
};
