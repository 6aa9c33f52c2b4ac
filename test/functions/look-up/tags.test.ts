import { describe, expect, it } from '@jest/globals';
import { createEcs } from '../../../functions/aws/ecs.ts';
import type { LabelSettings } from '../../../functions/discovery/target/task-labels.ts';
import { createTagsLookup } from '../../../functions/look-up/tags.ts';
import { virtualClock } from '../../factories/clock.ts';
import { fakeClient } from '../../factories/senders.ts';
import { aTask, HERE } from '../../factories/tasks.ts';

function tagsOf(labels: LabelSettings) {
  const client = fakeClient({
    DescribeServices: ({ services }: { services: string[] }) => ({
      services: services.map((serviceName) => ({ serviceName, tags: [{ key: 'of', value: serviceName }] })),
    }),
    DescribeClusters: ({ clusters }: { clusters: string[] }) => ({
      clusters: clusters.map((of) => ({ tags: [{ key: 'of', value: of }] })),
    }),
  });
  const clock = virtualClock();
  return {
    client,
    clock,
    tags: createTagsLookup({ ecs: createEcs(client), clock }, { clusters: ['prod'], here: HERE, labels }),
  };
}

describe('the tags around a task', () => {
  it('are those of its service and its cluster', async () => {
    const { tags } = tagsOf({ tags: ['of'] });
    expect(await tags.of(aTask())).toEqual({ service: { of: 'shop' }, cluster: { of: 'prod' } });
    expect(await tags.of(aTask({ service: undefined }))).toEqual({ cluster: { of: 'prod' } });
  });

  it('are asked for once in five minutes', async () => {
    const { tags, client, clock } = tagsOf({ meta: true });
    await Promise.all([1, 2, 3].map((number) => tags.of(aTask({ number }))));
    clock.advance(299_000);
    await tags.of(aTask());
    expect(client.sent).toHaveLength(2);
    clock.advance(2000);
    await tags.of(aTask());
    expect(client.sent).toHaveLength(4);
  });

  it('are asked for again when they are to be forgotten', async () => {
    const { tags, client } = tagsOf({ meta: true });
    await tags.of(aTask());
    tags.forget();
    await tags.of(aTask());
    expect(client.sent.map(({ operation }) => operation)).toEqual([
      ...['DescribeServices', 'DescribeClusters'],
      ...['DescribeServices', 'DescribeClusters'],
    ]);
  });

  it('are not asked for where no label is made from them', async () => {
    const { tags, client } = tagsOf({ extra: ['revision'] });
    expect(await tags.of(aTask())).toEqual({});
    expect(client.sent).toEqual([]);
  });
});
