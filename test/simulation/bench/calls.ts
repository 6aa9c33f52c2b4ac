/** Requests of a day, all together and of whom. */
import { callsOfADay, type Day } from './day.ts';
import type { Measured } from './measured.ts';

/** Every three hours, the default. */
const RESYNCS = 8;

/** @param budget requests on ECS, Cloud Map and SSM; undefined where there is none */
export async function calls(
  fleet: Pick<Day, 'services' | 'tasks' | 'changes' | 'shards'>,
  budget: number | undefined,
): Promise<Measured[]> {
  const made = await callsOfADay({ ...fleet, resyncs: RESYNCS, selectedBy: 'labels' });
  const own = [...made].filter(([call]) => !call.endsWith('PublishBatch'));
  const { services, tasks, changes } = fleet;
  const of = `a day of ${tasks} tasks in ${services} services, ${changes === 0 ? 'unchanged' : `${changes} changes`}`;
  const sum = (some: typeof own): number => some.reduce((all, [, count]) => all + count, 0);
  const programs = [...Map.groupBy(own, ([call]) => call.split(' ')[0] as string)];
  return [
    {
      what: `${of}: calls on ECS, Cloud Map and SSM`,
      value: String(sum(own)),
      budget: budget === undefined ? 'none' : `≤ ${budget}`,
      kept: budget === undefined || sum(own) <= budget,
    },
    ...programs.map(([program, some]) => ({
      what: `${of}: of them ${program}`,
      value: `${sum(some)} (${some.map(([call, count]) => `${call.split(' ')[1]} ${count}`).join(', ')})`,
      budget: 'none',
      kept: true,
    })),
  ];
}
