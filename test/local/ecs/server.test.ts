import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EcsServer, serveEcs } from '../../../infra/local/ecs/server.ts';
import { loopbackClientConfig } from '../../../infra/local/loopback.ts';
import { runningCluster } from './local-cluster.ts';

describe('the ECS stand-in seen through the AWS SDK', () => {
  let server: EcsServer;
  let client: ECSClient;

  beforeAll(async () => {
    server = await serveEcs((await runningCluster(2)).api, 0);
    client = new ECSClient(loopbackClientConfig(server.endpoint));
  });

  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  it('describes its tasks with dates and addresses', async () => {
    const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster: 'local' }));
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster: 'local', tasks: taskArns }));
    expect(tasks).toHaveLength(2);
    expect(tasks[0]?.startedAt).toEqual(new Date('2026-11-24T12:00:00Z'));
    expect(tasks[0]?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address).toMatch(/^127\./);
  });

  it('answers errors that the SDK knows by name', async () => {
    await expect(client.send(new ListTasksCommand({ cluster: 'elsewhere' }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
    });
  });
});
