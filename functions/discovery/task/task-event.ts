/** The EventBridge envelope around a task. */
import * as z from 'zod/mini';
import { wrongFields } from '../wrong-fields.ts';
import { MalformedTask, parseTask, type Task } from './task.ts';

interface TaskEvent {
  readonly task: Task;
  /** When ECS says the change happened, in milliseconds since 1970. */
  readonly time: number;
}

const envelope = z.object({
  source: z.literal('aws.ecs'),
  'detail-type': z.literal('ECS Task State Change'),
  time: z.string(),
  account: z.string(),
  detail: z.unknown(),
});

/**
 * Reads an "ECS Task State Change" event from the body of a queue message.
 *
 * @throws MalformedTask for anything else, saying what is wrong with it but not what it contains.
 */
export function parseTaskEvent(body: string): TaskEvent {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new MalformedTask('not JSON');
  }
  const parsed = envelope.safeParse(value);
  if (!parsed.success) {
    const fields = wrongFields(parsed.error, 'the event itself');
    throw new MalformedTask(`not an "ECS Task State Change" event: missing or wrong ${fields}`);
  }
  const time = Date.parse(parsed.data.time);
  if (Number.isNaN(time)) throw new MalformedTask('not an "ECS Task State Change" event: time is not a date');
  const task = parseTask(parsed.data.detail);
  // EventBridge sets the account. Events of several come to one bus, and none may speak of the tasks of another.
  if (task.account !== parsed.data.account) {
    throw new MalformedTask('not an "ECS Task State Change" event: it is about a task of another account than its own');
  }
  return { task, time };
}
