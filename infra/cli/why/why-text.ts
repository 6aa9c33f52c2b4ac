/** An explained task for a person: one idea a line, and at the end what to change. */
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
    ...(advice.length === 0 ? [] : ['', '  What to do:', ...advice.map((text) => `  - ${wrap(text, 4, columns)}`)]),
  ];
}

function lineOf({ step, result, says }: Step, before: Step | undefined, columns: number): string {
  const name = (step === before?.step ? '' : step).padEnd(INDENT - 5);
  const text = wrap(says, INDENT, columns);
  return `  ${SIGNS[result]()}  ${name}${result === 'skipped' ? dim(text) : text}`;
}

function resultOf({ decision, targets, rejections, steps }: ExplainedTask): string {
  switch (decision) {
    case 'scraped': {
      const rest = rejections.length === 0 ? '' : `; ${count(rejections.length, 'other endpoint')} cannot be scraped`;
      const isPublished = !steps.some(({ step, result }) => step === 'configuration' && result === 'failed');
      const what = isPublished ? green('Scraped') : yellow('To be scraped, and not published yet');
      return `${what}: ${count(targets.length, 'target')}${rest}.`;
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
