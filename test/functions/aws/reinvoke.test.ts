import { expect, it } from '@jest/globals';
import { createReinvoke } from '../../../functions/aws/reinvoke.ts';
import { fakeClient } from '../../factories/senders.ts';

it('another invocation is asked for, and not waited for', async () => {
  const client = fakeClient({ Invoke: () => ({ StatusCode: 202 }) });
  await createReinvoke(async () => client)('resync', { resumeAt: { cluster: 'prod', shard: 7 } });
  expect(client.sent.map(({ input }) => input)).toEqual([
    {
      FunctionName: 'resync',
      InvocationType: 'Event',
      Payload: '{"resumeAt":{"cluster":"prod","shard":7}}',
    },
  ]);
});
