import { describe, expect, it } from '@jest/globals';
import { reject } from '../../../functions/discovery/selection/rejection.ts';
import { warn } from '../../../functions/discovery/selection/warning.ts';
import { type Findings, reportRejections } from '../../../functions/lambda/report-rejections.ts';

/** What is said of looks at tasks, one after the other. */
function saidOf(...findings: Findings[]) {
  const lines: Record<string, unknown>[] = [];
  const counts: unknown[] = [];
  const report = {
    info: () => {},
    warn: (message: string, fields: Readonly<Record<string, unknown>>) => lines.push({ message, ...fields }),
    count: (...count: unknown[]) => counts.push(count),
  };
  for (const one of findings) reportRejections(report, 'prod', one);
  return { lines, counts };
}

const look = (taskId: string, family: string, ...warnings: string[]): Findings => ({
  taskId,
  task: { family },
  rejections: [],
  warnings: warnings.map(warn),
});

describe('what is said of a task', () => {
  it('is each reason why it is not scraped, counted by the reason', () => {
    const { lines, counts } = saidOf({ taskId: 't1', rejections: [reject('invalid-port', 'port x')] });
    expect(lines).toEqual([
      { message: 'task is not scraped', cluster: 'prod', taskId: 't1', reason: 'invalid-port', problem: 'port x' },
    ]);
    expect(counts).toEqual([['TasksSkipped', 1, { cluster: 'prod', reason: 'invalid-port' }]]);
  });

  it('is what has no effect, once for all tasks of a family', () => {
    const { lines, counts } = saidOf(
      look('t1', 'shop', 'PROT', 'PAHT'),
      look('t2', 'shop', 'PROT'),
      look('t3', 'cart', 'PROT'),
    );
    const said = lines.map(({ taskDefinition, taskId, problem }) => [taskDefinition, taskId, problem]);
    expect(said).toEqual([
      ['shop', 't1', 'PROT'],
      ['shop', 't1', 'PAHT'],
      ['cart', 't3', 'PROT'],
    ]);
    expect(counts).toEqual([]);
  });
});
