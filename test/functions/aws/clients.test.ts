import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { GetParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, createClients, PATIENCE, sqsClient } from '../../../functions/aws/clients.ts';
import { LONG_POLL_SECONDS } from '../../../functions/aws/sqs.ts';

let server: Server;
let requests: string[];
let refusals: number;
const environment = { ...process.env };

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(String(request.headers['x-amz-target']).split('.')[1] ?? '');
    request.resume();
    const refused = refusals-- > 0;
    response.writeHead(refused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(refused ? '{"__type":"ThrottlingException","message":"Rate exceeded"}' : '{"Version":7}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});

afterAll(async () => {
  process.env = environment;
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

beforeEach(() => {
  requests = [];
});

describe('the clients of a Lambda', () => {
  it.each(['observe', 'store', 'register'] as const)(
    'of stage %s try once: its queue is what tries again',
    async (stage) => {
      const { ssm, calls } = createClients(PATIENCE[stage]);
      refusals = 1;
      const write = new PutParameterCommand({ Name: '/p', Value: 'x', Type: 'String', Overwrite: true });
      await expect(ssm.send(write)).rejects.toMatchObject({ name: 'ThrottlingException' });
      expect(requests).toEqual(['PutParameter']);
      expect(calls.total()).toBe(1);
    },
  );

  it('of resync send again what was throttled, and count that', async () => {
    const { ssm, calls } = createClients(PATIENCE.resync);
    refusals = 1;
    await ssm.send(new GetParametersCommand({ Names: ['/p'] }));
    expect(requests).toEqual(['GetParameters', 'GetParameters']);
    expect(calls.total()).toBe(2);
  });

  it('that are rarely needed are made once, when they are', async () => {
    const { ec2, serviceDiscovery } = createClients(PATIENCE.observe);
    expect(await ec2()).toBe(await ec2());
    expect(await serviceDiscovery()).toBe(await serviceDiscovery());
  });

  it('fail when an answer takes too long, rather than warn of it', () => {
    for (const patience of Object.values(PATIENCE)) {
      const { requestHandler, maxAttempts } = clientOptions(patience);
      expect(requestHandler).toMatchObject({ requestTimeout: patience.requestTimeout, throwOnRequestTimeout: true });
      expect(maxAttempts).toBe(patience.maxAttempts);
    }
  });

  it('reach SQS where the environment says, not at the host of the URL of a queue', async () => {
    refusals = 0;
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/runs';
    await (await sqsClient()).send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'r' }));
    expect(requests).toEqual(['DeleteMessage']);
  });

  it('wait for a long poll longer than SQS takes for one', () => {
    expect(PATIENCE.targetSyncQueue.requestTimeout).toBeGreaterThan(LONG_POLL_SECONDS * 1000);
  });
});
