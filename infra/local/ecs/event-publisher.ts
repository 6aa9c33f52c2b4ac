import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { loopbackClientConfig } from '../loopback.ts';
import type { Task } from './model.ts';
import { TASK_STATE_CHANGE, taskEventDetail } from './task-event.ts';

/** Each of these is sent twice, because EventBridge delivers at least once. */
const REPEAT_EVERY = 7;
const REPEAT_AFTER_MILLISECONDS = 300;

export interface EventPublisher {
  /** Sends the event of a task's change; in the order of the calls. */
  readonly publish: (task: Task) => void;
  /** From now on events are lost, or no longer. */
  readonly lose: (losing: boolean) => void;
  readonly losing: () => boolean;
  /** Resolves when everything that was published is sent. */
  readonly drained: () => Promise<void>;
}

/** Sends task events to the emulated EventBridge. A failure is handed to `failed`; the event counts as lost. */
export const eventPublisher = (endpoint: string, failed: (error: unknown) => void): EventPublisher => {
  const client = new EventBridgeClient(loopbackClientConfig(endpoint));
  let losing = false;
  let count = 0;
  let queue = Promise.resolve();
  const send = (entry: Record<string, unknown>): void => {
    queue = queue.then(async () => {
      const { Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
      const refused = Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused !== undefined) throw new Error(`PutEvents: ${refused.ErrorCode} ${refused.ErrorMessage}`);
    });
    queue = queue.catch(failed);
  };
  return {
    publish: (task) => {
      if (losing) return;
      const entry = {
        Source: TASK_STATE_CHANGE.source,
        DetailType: TASK_STATE_CHANGE.detailType,
        Detail: JSON.stringify(taskEventDetail(task)),
        Resources: [task.arn],
        Time: new Date(task.updatedAt),
      };
      send(entry);
      count += 1;
      if (count % REPEAT_EVERY === 0) setTimeout(() => send(entry), REPEAT_AFTER_MILLISECONDS).unref();
    },
    lose: (value) => {
      losing = value;
    },
    losing: () => losing,
    drained: () => queue,
  };
};
