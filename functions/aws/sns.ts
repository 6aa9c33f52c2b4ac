/** Announces changes of targets on the topic that the consumers subscribe to. */
import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type Announcement, encodeAnnouncement } from '../discovery/change/announcement.ts';
import { MESSAGE_KIND } from '../discovery/names.ts';
import type { Sender } from './clients.ts';
import { asError } from './errors.ts';

export interface Announcer {
  /**
   * Publishes announcements; a large one in parts.
   *
   * @returns the parts that SNS did not take, each with the reason; everything else will be delivered
   */
  announce(announcements: readonly Announcement[]): Promise<FailedAnnouncement[]>;
}

interface FailedAnnouncement {
  readonly part: Announcement;
  readonly error: Error;
}

/** Messages of one PublishBatch, and the bytes of all of them (Amazon SNS API reference). */
const PER_REQUEST = 10;
const BYTES_PER_REQUEST = 256_000;

interface Message {
  readonly body: string;
  readonly part: Announcement;
}

export function createAnnouncer(client: Sender<SNSClient>, topicArn: string): Announcer {
  async function publish(messages: readonly Message[]): Promise<FailedAnnouncement[]> {
    const PublishBatchRequestEntries = messages.map(({ body, part }, index) => ({
      Id: String(index),
      Message: body,
      MessageAttributes: { [MESSAGE_KIND.attribute]: { DataType: 'String', StringValue: kindOf(part) } },
    }));
    try {
      const { Failed = [] } = await client.send(
        new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries }),
      );
      return Failed.flatMap(({ Id, Code = 'PublishFailed', Message: text = '' }) => {
        const message = messages[Number(Id)];
        return message ? [{ part: message.part, error: Object.assign(new Error(text), { name: Code }) }] : [];
      });
    } catch (cause) {
      const error = asError(cause);
      return messages.map(({ part }) => ({ part, error }));
    }
  }

  return {
    async announce(announcements) {
      const requests = inRequests(announcements.flatMap(encodeAnnouncement));
      return (await Promise.all(requests.map(publish))).flat();
    },
  };
}

/** Who writes SSM or Cloud Map need not hear that a shard has a new version; a filter on the subscription sees to that. */
const kindOf = ({ changes, misregistered }: Announcement): string =>
  changes.length + misregistered.length > 0 ? MESSAGE_KIND.changes : MESSAGE_KIND.notice;

function inRequests(messages: readonly Message[]): Message[][] {
  const requests: Message[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const last = requests.at(-1);
    if (!last || last.length === PER_REQUEST || bytes + size > BYTES_PER_REQUEST) {
      requests.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return requests;
}
