/** What a day of a service looks like, in two minutes: every kind of change, each followed to its last consequence. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dim } from '../../cli/terminal/paint.ts';
import type { LocalSystem } from '../local-system.ts';
import { wrap } from '../terminal/wrap.ts';
import { otherWorkloads, startWorkloads } from '../workloads/workloads.ts';
import type { ProgressRow } from './progress.ts';
import { summaryLine } from './resync-line.ts';
import { type Repair, runRepairStep, runStep, type ScenarioStep, type StepContext, StepFailed } from './step.ts';
import { COLUMNS_EXPLAINED } from './step-view.ts';
import { printQueries, printTimes } from './summary.ts';

/** Milliseconds that targets must stay wrong after a lost event, so that it is resync that repairs them. */
const STAYS_WRONG = 2_000;
/** Milliseconds in which the stand-in replaces a task. */
const REPLACED_WITHIN = 30_000;

/** @throws StepFailed at the first thing that did not happen. */
export const runScenario = async (system: LocalSystem, signal: AbortSignal): Promise<void> => {
  const { actions, journal, observer, plane } = system;
  const others = otherWorkloads(system.noNodeExporter === undefined);
  const expectations = {
    ...system.expectations,
    mayBeBroken: (workload: string) => others.some(({ name, isBroken }) => name === workload && isBroken),
  };
  const context: StepContext = { journal, observer, expectations, signal };
  const run = (title: string, act: ScenarioStep['act'], expected: ScenarioStep['expected']) =>
    runStep({ title, act, expected }, context);

  console.log(`\n${dim(wrap(COLUMNS_EXPLAINED, '    '))}`);
  const rows: ProgressRow[] = [
    ...(await run('1  Start two tasks', () => actions.scale(2), { come: 2, go: 0 })),
    ...(await run('2  Scale to five', () => actions.scale(5), { come: 3, go: 0 })),
    ...(await run('3  Roll to a new revision', async () => void (await actions.roll()), { come: 5, go: 5 })),
    ...(await run('4  Stop one task hard (kill -9)', async () => void (await actions.killOne()), { come: 1, go: 1 })),
  ];
  await runRepairStep(
    {
      title: '5  Lose the events of a replaced task, then resync',
      act: () => loseThenResync(system),
      expected: { come: 1, go: 1 },
      from: 'since the resync',
    },
    context,
  );
  const start = async (): Promise<void> => startWorkloads(plane, others);
  const daemons = others.filter(({ startedAs }) => startedAs === 'daemon').length * plane.containerInstances.size;
  const failing = others.filter(({ failsToStart }) => failsToStart).length;
  const running = others.filter(({ startedAs, failsToStart }) => startedAs !== 'daemon' && !failsToStart).length;
  const title = '6  Daemon, bridge, two containers, standalone, and three that are broken';
  wasNeverPublished(await run(title, start, { come: daemons + running, go: 0, fail: failing }));
  rows.push(...(await run('7  Scale to two', () => actions.scale(2), { come: 0, go: 3 })));

  if (system.vanished.length > 0) {
    throw new StepFailed(`Running tasks vanished on the way:\n      ${system.vanished.join('\n      ')}`);
  }
  printTimes(rows);
  await printQueries(system);
};

/** @throws StepFailed where an unhealthy task was published all the same */
const wasNeverPublished = (rows: readonly ProgressRow[]): void => {
  const published = rows.find(({ change, reached }) => change.workload === 'unhealthy' && reached.size > 0);
  if (published !== undefined) throw new StepFailed(`Task ${published.change.taskId} was published though unhealthy.`);
};

/** Replaces a task unseen, shows that nothing noticed, and repairs that. */
const loseThenResync = async (system: LocalSystem): Promise<Repair> => {
  const { actions, observer, plane } = system;
  const before = new Set(runningTasks(plane));
  await actions.loseEvents(true);
  const stopped = await actions.stopOne();
  const deadline = Date.now() + REPLACED_WITHIN;
  while (plane.task(stopped)?.lastStatus !== 'STOPPED' || runningTasks(plane).length < before.size) {
    if (Date.now() > deadline) throw new StepFailed(`Task ${stopped.slice(0, 8)} was not replaced.`);
    await sleep(50);
  }
  await actions.loseEvents(false);
  await sleep(STAYS_WRONG);
  const isStillThere = observer.present('ssm').has(stopped);
  const isMissed = runningTasks(plane).some((id) => !observer.present('ssm').has(id));
  if (!isStillThere || !isMissed) throw new StepFailed('The events were lost, but the targets followed: how?');
  const asked = Date.now();
  return { asked, said: summaryLine(await actions.resync({})) };
};

const runningTasks = (plane: LocalSystem['plane']): string[] =>
  plane
    .tasks()
    .filter(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING')
    .map(({ id }) => id);
