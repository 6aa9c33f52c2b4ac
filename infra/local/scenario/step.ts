/** One step of the scenario: something happens to the service, and everything follows it or the step has failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '../observation/observer.ts';
import { STAGES } from '../observation/presence.ts';
import { type Line, liveBlock } from '../terminal/live-block.ts';
import type { Change, Journal } from './journal.ts';
import { Progress, type Row } from './progress.ts';
import { stepLines } from './step-view.ts';

export interface Step {
  readonly title: string;
  /** Lets it happen. */
  readonly act: () => Promise<void>;
  /** How many tasks come to run and how many go. */
  readonly expected: { readonly come: number; readonly go: number };
}

/** A step in which events are lost: nothing follows until somebody asks for the repair. */
export interface RepairStep extends Omit<Step, 'act'> {
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
export const runStep = async (step: Step, context: StepContext): Promise<readonly Row[]> => {
  const began = Date.now();
  let acted = false;
  const acting = step.act().then(() => {
    acted = true;
  });
  const following = follow(step, context, (progress) => {
    const rows = progress.rows(context.journal.since(began));
    return { lines: stepLines(step.title, 'since the event', rows), rows, over: acted && isDone(step, rows) };
  });
  const [, rows] = await Promise.all([acting, following]);
  return rows;
};

/** @throws StepFailed as {@link runStep} does. */
export const runRepairStep = async (step: RepairStep, context: StepContext): Promise<readonly Row[]> => {
  const began = Date.now();
  const { asked, said } = await step.act();
  return follow(step, context, (progress) => {
    const rows = progress.rows(context.journal.since(began), asked);
    return { lines: stepLines(step.title, step.from, rows, said), rows, over: isDone(step, rows) };
  });
};

interface Picture {
  readonly lines: readonly Line[];
  readonly rows: readonly Row[];
  readonly over: boolean;
}

const follow = async (
  { title, expected }: Pick<Step, 'title' | 'expected'>,
  { observer, signal }: StepContext,
  look: (progress: Progress) => Picture,
): Promise<readonly Row[]> => {
  const block = liveBlock();
  const progress = new Progress(observer);
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

const count = (rows: readonly Row[], kind: Change['kind']): number =>
  rows.filter(({ change }) => change.kind === kind).length;

const isDone = ({ expected }: Pick<Step, 'expected'>, rows: readonly Row[]): boolean =>
  count(rows, 'comes') === expected.come &&
  count(rows, 'goes') === expected.go &&
  rows.every(({ complete }) => complete);

const failure = (title: string, expected: Step['expected'], rows: readonly Row[], observer: Observer): StepFailed => {
  const missing = rows
    .filter(({ complete }) => !complete)
    .map(({ change, reached }) => {
      const stages = STAGES.filter((stage) => !reached.has(stage));
      return `task ${change.taskId.slice(0, 8)}, which ${change.kind}, was not seen in ${stages.join(', ')}`;
    });
  if (count(rows, 'comes') !== expected.come) missing.push(`${count(rows, 'comes')} of ${expected.come} tasks came`);
  if (count(rows, 'goes') !== expected.go) missing.push(`${count(rows, 'goes')} of ${expected.go} tasks went`);
  const trouble = STAGES.map((stage) => observer.trouble(stage)).filter((it) => it !== undefined);
  return new StepFailed(
    [`"${title}" was not over after ${PATIENCE} s:`, ...missing, ...trouble.map((it) => `a look failed: ${it}`)].join(
      '\n      ',
    ),
  );
};
