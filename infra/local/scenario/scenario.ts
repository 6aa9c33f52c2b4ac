/** What a day of a service looks like, in two minutes: every kind of change, each followed to its last consequence. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import type { LocalSystem } from '../local-system.ts';
import type { Row } from './progress.ts';
import { type Repair, type RepairStep, runRepairStep, runStep, type Step, StepFailed } from './step.ts';
import { printQueries, printTimes } from './summary.ts';

/** Milliseconds that targets must stay wrong after a lost event, so that it is resync that repairs them. */
const STAYS_WRONG = 2_000;
/** Milliseconds in which the stand-in replaces a task. */
const REPLACED_WITHIN = 30_000;

/** @throws StepFailed at the first thing that did not happen. */
export const runScenario = async (system: LocalSystem, signal: AbortSignal): Promise<void> => {
  const { actions, journal, observer } = system;
  const context = { journal, observer, signal };
  const done = (promise: Promise<unknown>): Promise<void> => promise.then(() => undefined);
  const steps: Step[] = [
    { title: '1  Start two tasks', act: () => actions.scale(2), expected: { come: 2, go: 0 } },
    { title: '2  Scale to five', act: () => actions.scale(5), expected: { come: 3, go: 0 } },
    { title: '3  Roll to a new revision', act: () => done(actions.roll()), expected: { come: 5, go: 5 } },
    { title: '4  Stop one task hard (kill -9)', act: () => done(actions.killOne()), expected: { come: 1, go: 1 } },
  ];
  const rows: Row[] = [];
  for (const step of steps) rows.push(...(await runStep(step, context)));
  const repair: RepairStep = {
    title: '5  Lose the events of a replaced task, then resync',
    act: () => loseThenResync(system),
    expected: { come: 1, go: 1 },
    from: 'since the resync',
  };
  await runRepairStep(repair, context);
  await printQueries(system.prometheus);
  const last: Step = { title: '6  Scale to zero', act: () => actions.scale(0), expected: { come: 0, go: 5 } };
  rows.push(...(await runStep(last, context)));

  if (system.vanished.length > 0) {
    throw new StepFailed(`Running tasks vanished on the way:\n      ${system.vanished.join('\n      ')}`);
  }
  printTimes(rows);
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
