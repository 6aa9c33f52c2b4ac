/** An explained task for a person: one idea a line, and at the end what to change. */
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import { bold, dim, green, red, yellow } from '../terminal/paint.ts';
import { count } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import type { ExplainedTask, Step } from './explained-task.ts';

const SIGNS: Readonly<Record<Step['result'], () => string>> = {
  passed: () => green('✓'),
  failed: () => red('✗'),
  warning: () => yellow('!'),
  skipped: () => dim('·'),
};

/** Where the text of a step begins. */
const INDENT = 20;

/** @param columns of the terminal */
export function whyText(explained: ExplainedTask, columns: number): string[] {
  const { task, cluster, service, steps } = explained;
  const of = service === undefined ? `cluster ${cluster}` : `service ${service}, cluster ${cluster}`;
  const advice = [...new Set(steps.flatMap((step) => step.advice ?? []))];
  return [
    `${bold(`Task ${task}`)}  ${of}`,
    '',
    ...steps.map((step, index) => lineOf(step, steps[index - 1], columns)),
    '',
    `  ${resultOf(explained)}`,
    ...(isInOrder(explained) ? [`  ${dim(wrap(furtherText(task), 2, columns))}`] : []),
    ...(advice.length === 0 ? [] : ['', '  What to do:', ...advice.map((text) => `  - ${wrap(text, 4, columns)}`)]),
  ];
}

function lineOf({ step, result, says }: Step, before: Step | undefined, columns: number): string {
  const name = (step === before?.step ? '' : step).padEnd(INDENT - 5);
  const text = wrap(says, INDENT, columns);
  return `  ${SIGNS[result]()}  ${name}${result === 'skipped' ? dim(text) : text}`;
}

/** What a target answers is seen by nobody here. */
const furtherText = (task: string): string =>
  `Whether it answers, Prometheus knows: up{${LABELS.taskId}="${task}"}. Where that is 0 or missing, see "up is 0 or missing" in docs/operations.md.`;

const isOf = (steps: readonly Step[], name: string, result: Step['result']): boolean =>
  steps.some((one) => one.step === name && one.result === result);
const isUnpublished = (steps: readonly Step[]): boolean => isOf(steps, 'configuration', 'failed');
const isUnheard = (steps: readonly Step[]): boolean => isOf(steps, 'collector', 'warning');

/** Nothing that is seen here keeps the task from being scraped. */
const isInOrder = ({ decision, steps }: ExplainedTask): boolean =>
  decision === 'scraped' && !isUnpublished(steps) && !isUnheard(steps);

function scrapedText(steps: readonly Step[]): string {
  if (isUnpublished(steps)) return yellow('To be scraped, and not published yet');
  return isUnheard(steps) ? yellow('Published, and its collector does not hear of it') : green('Scraped');
}

function resultOf({ decision, targets, rejections, steps }: ExplainedTask): string {
  switch (decision) {
    case 'scraped': {
      const rest = rejections.length === 0 ? '' : `; ${count(rejections.length, 'other endpoint')} cannot be scraped`;
      return `${scrapedText(steps)}: ${count(targets.length, 'target')}${rest}.`;
    }
    case 'rejected':
      return red(
        `Not scraped: something asks for it, but it cannot be scraped (${rejections.map(({ reason }) => reason).join(', ')}).`,
      );
    case 'ignored':
      return yellow('Not scraped: ignored.');
    case 'held':
      return yellow('Undecided: AWS does not say enough yet. What is published of it stays.');
    case 'stopped':
      return 'Not scraped: it has stopped.';
  }
}
