import { expect, it } from '@jest/globals';
import { createDeployedShards } from '../../../functions/aws/deployed-shards.ts';
import { fakeClient } from '../../factories/senders.ts';

const answering = (answer: object) => {
  const client = fakeClient({ GetFunctionConfiguration: () => answer });
  return { client, deployedShards: createDeployedShards(async () => client) };
};

it('the number of shards is that of the function as it is deployed', async () => {
  const { client, deployedShards } = answering({ Environment: { Variables: { DISCOVERY_SHARDS: '16' } } });
  expect(await deployedShards('resync')).toBe(16);
  expect(client.sent.map(({ input }) => input)).toEqual([{ FunctionName: 'resync' }]);
});

it('a function that does not say it has no number', async () => {
  expect(await answering({}).deployedShards('resync')).toBeNaN();
});
