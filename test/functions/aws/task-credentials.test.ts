import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { taskCredentials } from '../../../functions/aws/task-credentials.ts';

let server: Server;
let environment: Record<string, string>;
let asked: (string | undefined)[];
let answer: { status: number; body: string };

const MINUTE = 60_000;
const role = (key: string, expires: number) => ({
  status: 200,
  body: JSON.stringify({
    AccessKeyId: key,
    SecretAccessKey: 'secret',
    Token: 'token',
    Expiration: new Date(expires).toISOString(),
    RoleArn: 'arn:aws:iam::123456789012:role/collector',
  }),
});

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.writeHead(answer.status).end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v2/credentials` };
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

describe('credentials of a task', () => {
  it('come from the environment where it has them', async () => {
    const fixed = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'session' };
    expect(await taskCredentials({ ...environment, ...fixed })()).toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'key',
      sessionToken: 'session',
    });
    expect(asked).toEqual([]);
  });

  it('are asked of the container’s endpoint once, and again before they end', async () => {
    let now = 0;
    const source = taskCredentials(environment, () => now);
    answer = role('first', 60 * MINUTE);
    const both = await Promise.all([source(), source()]);
    expect(both.map(({ accessKeyId }) => accessKeyId)).toEqual(['first', 'first']);
    now = 54 * MINUTE;
    expect((await source()).accessKeyId).toBe('first');
    expect(asked).toHaveLength(1);
    answer = role('second', 120 * MINUTE);
    now = 56 * MINUTE;
    expect(await source()).toMatchObject({ accessKeyId: 'second', sessionToken: 'token' });
  });

  it('are used to their end when the endpoint fails, and no longer', async () => {
    let now = 0;
    const source = taskCredentials(environment, () => now);
    answer = role('first', 60 * MINUTE);
    await source();
    answer = { status: 500, body: 'secret' };
    now = 59 * MINUTE;
    expect((await source()).accessKeyId).toBe('first');
    now = 61 * MINUTE;
    await expect(source()).rejects.toThrow(
      'the credentials endpoint answered 500 without credentials: check the task role',
    );
  });

  it('are asked for with the token that the environment gives', async () => {
    answer = role('first', 60 * MINUTE);
    await taskCredentials({ ...environment, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Bearer x' }, () => 0)();
    expect(asked).toEqual(['Bearer x']);
  });

  it.each(['{"AccessKeyId":"secret"', '{"AccessKeyId":"secret"}'])(
    'are not %s, and the error does not repeat it',
    async (body) => {
      answer = { status: 200, body };
      const failed = await taskCredentials(environment, () => 0)().catch((error: Error) => error.message);
      expect(failed).toContain('without credentials');
      expect(failed).not.toContain('secret');
    },
  );

  it('are missing without a task role', async () => {
    await expect(taskCredentials({})()).rejects.toThrow('give the task a task role');
  });
});
