/** One step of the scenario: something happens to the service, and everything follows it or the step has failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '../observation/observer.ts';
import { STAGES } from '../observation/presence.ts';
import { type Line, liveBlock } from '../terminal/live-block.ts';
import type { Journal } from './journal.ts';
import { type Expectations, Progress, type ProgressRow } from './progress.ts';
import { stepLines } from './step-view.ts';

export interface ScenarioStep {
  readonly title: string;
  /** Lets it happen. */
  readonly act: () => Promise<void>;
  /** How many tasks come to run, how many go, and how many fail to start. */
  readonly expected: { readonly come: number; readonly go: number; readonly fail?: number };
  /** A line of its own below the title. */
  readonly note?: string;
}

/** A step in which events are lost: nothing follows until somebody asks for the repair. */
export interface RepairStep extends Omit<ScenarioStep, 'act' | 'note'> {
  readonly act: () => Promise<Repair>;
  /** What times count from, in words. */
  readonly from: string;
}

export interface Repair {
  /** When the repair was asked for, in milliseconds since 1970. */
  readonly asked: number;
  /** What it said, in a line. */
  readonly said: string;
}

export interface StepContext {
  readonly journal: Journal;
  readonly observer: Observer;
  readonly expectations: Expectations;
  /** Aborted when the run is ended by hand. */
  readonly signal: AbortSignal;
}

/** Seconds that a step may take. The slowest stage, the first sample, takes some ten seconds on a quiet machine. */
const PATIENCE = 90;

/** What was promised did not happen. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** @throws StepFailed when not everything has followed within {@link PATIENCE} seconds. */
export const runStep = async (step: ScenarioStep, context: StepContext): Promise<readonly ProgressRow[]> => {
  const began = Date.now();
  let acted = false;
  const acting = step.act().then(() => {
    acted = true;
  });
  const following = follow(step, context, (progress) => {
    const rows = progress.rows(context.journal.since(began));
    return {
      lines: stepLines(step.title, 'since the event', rows, step.note),
      rows,
      over: acted && isDone(step, rows),
    };
  });
  const [, rows] = await Promise.all([acting, following]);
  return rows;
};

/** @throws StepFailed as {@link runStep} does. */
export const runRepairStep = async (step: RepairStep, context: StepContext): Promise<readonly ProgressRow[]> => {
  const began = Date.now();
  const { asked, said } = await step.act();
  return follow(step, context, (progress) => {
    const rows = progress.rows(context.journal.since(began), asked);
    return { lines: stepLines(step.title, step.from, rows, said), rows, over: isDone(step, rows) };
  });
};

interface Picture {
  readonly lines: readonly Line[];
  readonly rows: readonly ProgressRow[];
  readonly over: boolean;
}

const follow = async (
  { title, expected }: Pick<ScenarioStep, 'title' | 'expected'>,
  { observer, expectations, signal }: StepContext,
  look: (progress: Progress) => Picture,
): Promise<readonly ProgressRow[]> => {
  const block = liveBlock();
  const progress = new Progress(observer, expectations);
  const deadline = Date.now() + PATIENCE * 1000;
  try {
    for (;;) {
      const { lines, rows, over } = look(progress);
      block.show(lines);
      if (over) return rows;
      if (Date.now() > deadline) throw failure(title, expected, rows, observer);
      signal.throwIfAborted();
      await sleep(100);
    }
  } finally {
    block.end();
  }
};

/** Kinds of changes of which there are not as many as expected, in words. */
const miscounts = ({ come, go, fail = 0 }: ScenarioStep['expected'], rows: readonly ProgressRow[]): string[] => {
  const counts = { comes: come, goes: go, fails: fail } as const;
  const kinds = Object.keys(counts) as (keyof typeof counts)[];
  return kinds
    .map((kind) => ({ kind, is: rows.filter(({ change }) => change.kind === kind).length }))
    .filter(({ kind, is }) => is !== counts[kind])
    .map(({ kind, is }) => `${is} instead of ${counts[kind]} tasks of which it is said: it ${kind}`);
};

const isDone = ({ expected }: Pick<ScenarioStep, 'expected'>, rows: readonly ProgressRow[]): boolean =>
  miscounts(expected, rows).length === 0 && rows.every(({ complete }) => complete);

const failure = (
  title: string,
  expected: ScenarioStep['expected'],
  rows: readonly ProgressRow[],
  observer: Observer,
): StepFailed => {
  const missing = rows
    .filter(({ complete }) => !complete)
    .map(({ change, reached, problem }) => {
      const where = STAGES.filter((stage) => !reached.has(stage)).join(', ');
      const place = change.kind === 'goes' ? 'did not leave all of' : 'did not reach all of';
      const why = problem === undefined ? '' : ` (${problem})`;
      return `task ${change.taskId.slice(0, 8)} of ${change.workload}, which ${change.kind}, ${place} ${where}${why}`;
    });
  missing.push(...miscounts(expected, rows));
  const trouble = STAGES.map((stage) => observer.trouble(stage)).filter((it) => it !== undefined);
  return new StepFailed(
    [`"${title}" was not over after ${PATIENCE} s:`, ...missing, ...trouble.map((it) => `a look failed: ${it}`)].join(
      '\n      ',
    ),
  );
};
