import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serviceEndpoint } from '../../../functions/aws/endpoint.ts';
import { createJsonService, type JsonService } from '../../../functions/aws/json-service.ts';
import { createParameterReader } from '../../../functions/aws/parameter-reader.ts';

let server: Server;
let ssm: JsonService;
let requests: { target: string | undefined; body: string }[];
let respond: (response: ServerResponse, request: IncomingMessage, count: number) => void;

const slept: number[] = [];

beforeEach(async () => {
  requests = [];
  slept.length = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ target: String(request.headers['x-amz-target']), body });
    respond(response, request, requests.length);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ssm = createJsonService({
    service: 'ssm',
    target: 'AmazonSSM',
    protocol: '1.1',
    region: 'us-east-1',
    endpoint: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    credentials: async () => ({ accessKeyId: 'id', secretAccessKey: 'key' }),
    clock: {
      now: Date.now,
      random: () => 0,
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
      },
    },
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const fail = (response: ServerResponse, status: number, type: string) =>
  response.writeHead(status).end(JSON.stringify({ __type: type, message: 'why' }));

describe('a call of an AWS service', () => {
  it('names its operation, and answers with what came', async () => {
    respond = (response) => response.end('{"Parameters":[]}');
    expect(await ssm('GetParameters', { Names: ['/a'] })).toEqual({ Parameters: [] });
    expect(requests).toEqual([{ target: 'AmazonSSM.GetParameters', body: '{"Names":["/a"]}' }]);
  });

  it.each([
    ['a throttle', (response: ServerResponse) => fail(response, 400, 'ThrottlingException')],
    ['an error on the side of the service', (response: ServerResponse) => fail(response, 503, 'InternalServerError')],
    ['a connection that breaks', (response: ServerResponse) => response.socket?.destroy()],
  ])('is tried again after %s, with a growing pause', async (_, broken) => {
    respond = (response, _request, count) => (count < 3 ? broken(response) : response.end('{}'));
    expect(await ssm('GetParameters', {})).toEqual({});
    expect(slept).toEqual([100, 200]);
  });

  it('gives up after the third time', async () => {
    respond = (response) => fail(response, 400, 'ThrottlingException');
    await expect(ssm('GetParameters', {})).rejects.toMatchObject({ name: 'ThrottlingException', message: 'why' });
    expect(requests).toHaveLength(3);
  });

  it.each([
    ['com.amazonaws.sqs#QueueDoesNotExist', 'QueueDoesNotExist'],
    ['AccessDeniedException:http://internal.amazon.com/coral', 'AccessDeniedException'],
    ['ParameterNotFound', 'ParameterNotFound'],
  ])('fails at once with the code of %s', async (type, code) => {
    respond = (response) => fail(response, 400, type);
    await expect(ssm('GetParameters', {})).rejects.toMatchObject({ name: code, status: 400 });
    expect(requests).toHaveLength(1);
  });

  it('fails when it takes too long', async () => {
    respond = () => {};
    await expect(ssm('GetParameters', {}, { timeout: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(requests).toHaveLength(1);
  });

  it('ends when it is told to', async () => {
    respond = () => {};
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await expect(ssm('GetParameters', {}, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests).toHaveLength(1);
  });

  it.each([200, 502])('does not repeat a page that somebody else answered with %i', async (status) => {
    respond = (response) => response.writeHead(status).end('<html>secret</html>');
    const failed = await ssm('GetParameters', {}).catch((error: Error) => error.message);
    expect(failed).toContain('is a proxy in the way?');
    expect(failed).not.toContain('secret');
  });
});

describe('parameters that are only read', () => {
  it('are asked for ten at a time, and absent where they do not exist', async () => {
    respond = (response, _request, count) => {
      const { Names } = JSON.parse(requests[count - 1]?.body ?? '{}') as { Names: string[] };
      const found = Names.filter((name) => name !== '/missing');
      response.end(JSON.stringify({ Parameters: found.map((Name) => ({ Name, Value: `of ${Name}`, Version: 3 })) }));
    };
    const names = [...Array.from({ length: 24 }, (_, index) => `/p/${index}`), '/missing'];
    const values = await createParameterReader(ssm).get(names);
    expect(requests.map(({ body }) => (JSON.parse(body) as { Names: string[] }).Names.length).sort()).toEqual([
      10, 10, 5,
    ]);
    expect(values.size).toBe(24);
    expect(values.get('/p/7')).toEqual({ value: 'of /p/7', version: 3 });
  });

  it('have earlier versions, until those are gone', async () => {
    respond = (response, _request, count) =>
      count === 1
        ? response.end('{"Parameter":{"Name":"/p","Value":"old","Version":2}}')
        : fail(response, 400, 'ParameterVersionNotFound');
    const reader = createParameterReader(ssm);
    expect(await reader.getVersion('/p', 2)).toEqual({ value: 'old', version: 2 });
    expect(requests[0]?.body).toBe('{"Name":"/p:2"}');
    expect(await reader.getVersion('/p', 1)).toBeUndefined();
  });
});

describe('the endpoint of a service', () => {
  it.each([
    ['eu-west-1', {}, 'https://ssm.eu-west-1.amazonaws.com/'],
    ['cn-north-1', {}, 'https://ssm.cn-north-1.amazonaws.com.cn/'],
    ['eu-west-1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }, 'http://127.0.0.1:4566/'],
    ['eu-west-1', { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_SSM: 'http://b' }, 'http://b/'],
  ])('in %s with %j is %s', (region, environment, url) => {
    expect(serviceEndpoint('ssm', region, environment).href).toBe(url);
  });
});
