/** A day of a fleet, as the shipped code sees it on the simulated AWS: what requests do the Lambdas make? */
import { callsOfADay, type Day } from '../simulation/bench/day.ts';

export interface Requests {
  readonly ecs: number;
  readonly cloudMap: number;
  readonly ssm: number;
}

const OPERATIONS: Readonly<Record<keyof Requests, RegExp>> = {
  ecs: / (?:DescribeTasks|ListTasks|DescribeTaskDefinition|DescribeServices|DescribeContainerInstances)$/,
  cloudMap: / (?:ListNamespaces|ListServices|ListTagsForResource|ListInstances|\w*Instance)$/,
  ssm: / (?:GetParameters?|PutParameter)$/,
};

/** Tasks selected by tags of Cloud Map services that ECS itself registers them in, as in the reference system. */
export async function requestsOfADay(day: Omit<Day, 'selectedBy'>): Promise<Requests> {
  const calls = await callsOfADay({ ...day, selectedBy: 'tags' });
  const of = (service: keyof Requests): number =>
    [...calls]
      .filter(([call]) => !call.startsWith('target-sync ') && OPERATIONS[service].test(call))
      .reduce((sum, [, count]) => sum + count, 0);
  return { ecs: of('ecs'), cloudMap: of('cloudMap'), ssm: of('ssm') };
}
