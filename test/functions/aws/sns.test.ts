import { describe, expect, it } from '@jest/globals';
import { createAnnouncer } from '../../../functions/aws/sns.ts';
import { type Announcement, decodeAnnouncement } from '../../../functions/discovery/change/announcement.ts';
import { awsError, fakeClient } from '../../factories/senders.ts';
import { noise, stop, upsert } from '../../factories/shards.ts';
import { idOf } from '../../factories/tasks.ts';

interface Entry {
  readonly Id: string;
  readonly Message: string;
  readonly MessageAttributes: { readonly kind: { readonly StringValue: string } };
}

const announcement = (changes: Partial<Announcement>): Announcement => ({
  deployment: 'discovery',
  cluster: 'prod',
  changes: [],
  misregistered: [],
  compared: [],
  written: [],
  ...changes,
});
const written = announcement({ written: [{ shard: 0, shards: 1, version: 7 }] });

const announcerOf = (PublishBatch: Parameters<typeof fakeClient>[0][string] = () => ({})) => {
  const client = fakeClient({ PublishBatch });
  const batches = () => client.sent.map(({ input }) => input['PublishBatchRequestEntries'] as Entry[]);
  return { client, announcer: createAnnouncer(client, 'arn:topic'), batches };
};

describe('announcing', () => {
  it('publishes what changed, as every consumer reads it', async () => {
    const { client, announcer, batches } = announcerOf();
    const one = announcement({ changes: [upsert(1)] });
    expect(await announcer.announce([one])).toEqual([]);
    expect(client.sent[0]?.input).toMatchObject({ TopicArn: 'arn:topic' });
    expect(batches()[0]?.map(({ Message }) => decodeAnnouncement(Message))).toEqual([one]);
  });

  it('says by an attribute who needs a message: what only shards have to do with is a notice', async () => {
    const { announcer, batches } = announcerOf();
    await announcer.announce([
      announcement({ changes: [stop(1)] }),
      announcement({ misregistered: [{ serviceId: 'srv-1', taskId: idOf(1) }] }),
      written,
      announcement({ compared: [{ shard: 0, shards: 1, version: 7, at: 5 }] }),
    ]);
    const kinds = batches()[0]?.map(({ MessageAttributes }) => MessageAttributes.kind.StringValue);
    expect(kinds).toEqual(['changes', 'changes', 'notice', 'notice']);
  });

  it('sends ten messages with a request, and no more bytes than SNS takes', async () => {
    const { announcer, batches } = announcerOf();
    await announcer.announce(Array.from({ length: 23 }, () => written));
    expect(batches().map((entries) => entries.length)).toEqual([10, 10, 3]);

    const large = announcerOf();
    const changes = Array.from({ length: 40 }, (_, number) => upsert(number, { labels: { job: noise(number, 2000) } }));
    await large.announcer.announce(Array.from({ length: 7 }, () => announcement({ changes })));
    const bytes = large.batches().map((entries) => Buffer.byteLength(entries.map(({ Message }) => Message).join('')));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(256_000);
    expect(large.batches().flat()).toHaveLength(7);
  });

  it('sends a large one in parts, each with the kind of what it carries', async () => {
    const { announcer, batches } = announcerOf();
    const changes = Array.from({ length: 150 }, (_, number) =>
      upsert(number, { labels: { job: noise(number, 3000) } }),
    );
    await announcer.announce([announcement({ changes })]);
    const parts = batches().flat();
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flatMap(({ Message }) => decodeAnnouncement(Message).changes)).toHaveLength(150);
    expect(new Set(parts.map(({ MessageAttributes }) => MessageAttributes.kind.StringValue))).toEqual(
      new Set(['changes']),
    );
  });

  it('names the parts that SNS did not take', async () => {
    const { announcer } = announcerOf(() => ({ Failed: [{ Id: '1', Code: 'InternalError', Message: 'try later' }] }));
    const [first, second] = [announcement({ changes: [stop(1)] }), announcement({ changes: [stop(2)] })];
    const failed = await announcer.announce([first, second]);
    expect(failed.map(({ part }) => part)).toEqual([second]);
    expect(String(failed[0]?.error)).toBe('InternalError: try later');
  });

  it('names all parts of a request that failed, and none of the others', async () => {
    const { announcer } = announcerOf((_, call) => {
      if (call === 1) throw awsError('ThrottlingException');
      return {};
    });
    const failed = await announcer.announce(
      Array.from({ length: 12 }, (_, number) => announcement({ changes: [stop(number)] })),
    );
    expect(failed.map(({ part }) => part.changes)).toEqual([[stop(10)], [stop(11)]]);
    expect(failed.map(({ error }) => error.name)).toEqual(['ThrottlingException', 'ThrottlingException']);
  });

  it('of nothing asks for nothing', async () => {
    const { client, announcer } = announcerOf();
    expect(await announcer.announce([])).toEqual([]);
    expect(client.sent).toEqual([]);
  });
});
