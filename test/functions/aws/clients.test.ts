import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClients } from '../../../functions/aws/clients.ts';

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
  it('write a parameter once: whether again depends on how old the observation behind it is', async () => {
    const { ssmWrite, calls } = createClients();
    refusals = 1;
    const write = new PutParameterCommand({ Name: '/p', Value: 'x', Type: 'String', Overwrite: true });
    await expect(ssmWrite.send(write)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(requests).toEqual(['PutParameter']);
    expect(calls.total()).toBe(1);
  });

  it('read again what was throttled, and count that', async () => {
    const { ssmRead, calls } = createClients();
    refusals = 1;
    await ssmRead.send(new GetParametersCommand({ Names: ['/p'] }));
    expect(requests).toEqual(['GetParameters', 'GetParameters']);
    expect(calls.total()).toBe(2);
  });

  it('that are rarely needed are made once, when they are', async () => {
    const { ec2 } = createClients();
    expect(await ec2()).toBe(await ec2());
  });
});
