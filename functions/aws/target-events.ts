/** Tells the target-syncs, through EventBridge, which shards have a new version. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { TARGETS_CHANGED, type TargetsChanged } from '../discovery/names.ts';
import type { Sender } from './clients.ts';

export interface TargetEvents {
  /** @throws when EventBridge did not take the event. */
  publish(change: TargetsChanged): Promise<void>;
}

export function createTargetEvents(client: Sender<EventBridgeClient>): TargetEvents {
  return {
    async publish(change) {
      const answer = await client.send(
        new PutEventsCommand({
          Entries: [
            { Source: TARGETS_CHANGED.source, DetailType: TARGETS_CHANGED.detailType, Detail: JSON.stringify(change) },
          ],
        }),
      );
      const [entry] = answer.Entries ?? [];
      if (answer.FailedEntryCount) throw new Error(`PutEvents: ${entry?.ErrorCode} ${entry?.ErrorMessage ?? ''}`);
    },
  };
}
