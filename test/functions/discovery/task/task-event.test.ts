import { describe, expect, it } from '@jest/globals';
import { MalformedTask, parseTask } from '../../../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../../../functions/discovery/task/task-event.ts';
import { eventBody, idOf, taskArn, taskDetail, taskEvent } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const event = JSON.parse(taskEvent()) as Record<string, unknown>;
const change = (fields: Record<string, unknown>): string => JSON.stringify({ ...event, ...fields });

describe('the body of a message', () => {
  it('is a task and the time of its change', () => {
    const body = taskEvent({}, '2026-11-25T04:05:06Z');
    expect(parseTaskEvent(body)).toEqual({ task: parseTask(taskDetail()), time: Date.UTC(2026, 10, 25, 4, 5, 6) });
  });

  it('may hold more than is known today', () => {
    expect(parseTaskEvent(change({ replay: 'x', resources: null })).task.version).toBe(3);
  });

  const EVENT = 'not an "ECS Task State Change" event:';
  it.each([
    ['is cut off', '{"detail": {"hunter2"', 'not JSON'],
    ['is empty', '', 'not JSON'],
    ['is text', '"hunter2"', `${EVENT} missing or wrong the event itself`],
    ['is null', 'null', `${EVENT} missing or wrong the event itself`],
    ['is of another kind', change({ 'detail-type': 'ECS hunter2' }), `${EVENT} missing or wrong detail-type`],
    ['is of another source', change({ source: 'hunter2' }), `${EVENT} missing or wrong source`],
    ['has no time', change({ time: undefined }), `${EVENT} missing or wrong time`],
    ['has a time that is none', change({ time: 'hunter2' }), `${EVENT} time is not a date`],
    [
      'is a test event of SNS',
      '{"Type":"hunter2"}',
      `${EVENT} missing or wrong source, detail-type, time, account, detail`,
    ],
    ['has no account', change({ account: undefined }), `${EVENT} missing or wrong account`],
    [
      'is about a task of another account',
      change({ account: '444455556666' }),
      `${EVENT} it is about a task of another account than its own`,
    ],
    ['has no detail', change({ detail: undefined }), `${EVENT} missing or wrong detail`],
    ['has a detail that is none', eventBody('hunter2'), 'not a task: missing or wrong the task itself'],
    [
      'has a task without version',
      eventBody({ ...taskDetail(), version: 'hunter2' }),
      'not a task: missing or wrong version',
    ],
    [
      'has a task in a cluster of another Region',
      eventBody({ ...taskDetail(), taskArn: taskArn(idOf(1), 'prod.eu-north-1.111122223333') }),
      'not a task: its cluster is in another account or Region',
    ],
  ])('that %s is malformed, and the reason does not repeat it', (_, body, reason) => {
    expect(() => parseTaskEvent(body)).toThrow(new MalformedTask(reason));
  });

  it('is a task or malformed, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.anything().map((detail) => change({ detail })),
        ),
        (body) => {
          try {
            expect(parseTaskEvent(body).task.arn).toMatch(/^arn:/);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedTask);
          }
        },
      ),
    );
  });
});
