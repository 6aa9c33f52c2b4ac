/** AWS as one discovery sees it: the same fleet for all, but an account's limits for each, and its own count of calls. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ecsApi } from '../../../infra/local/ecs/api.ts';
import type { ControlPlane } from '../../../infra/local/ecs/control-plane.ts';
import { EcsError } from '../../../infra/local/ecs/errors.ts';
import { CONSISTENT } from '../../../infra/local/ecs/view.ts';
import { type Fault, hits } from '../faults.ts';
import { answerOfCloudMap } from './cloud-map.ts';
import { answerOfEc2 } from './ec2.ts';
import { accountLimits } from './limits.ts';
import { type Answer, type AwsRequest, awsRequest, denied, json, refusal, throttled } from './request.ts';
import { taskPages } from './task-pages.ts';

/** Milliseconds that AWS takes for an answer here. */
const ANSWER_TIME = 30;

export interface Account {
  readonly endpoint: string;
  /** Calls so far, such as `ecs DescribeTasks`; refused ones, too. */
  readonly calls: () => ReadonlyMap<string, number>;
  /** How many of them were above the account's limits. */
  readonly refused: () => number;
  readonly stop: () => Promise<void>;
}

export interface AccountOptions {
  readonly plane: ControlPlane;
  /** What is wrong now. */
  readonly fault: () => Fault | undefined;
  /** SSM's part, given the request as it came. @default the list of namespaces of the reference */
  readonly ssm?: (call: string, body: string, headers: Record<string, string>) => Promise<Answer>;
}

export const startAccount = async ({ plane, fault, ssm = namespaces }: AccountOptions): Promise<Account> => {
  const calls = new Map<string, number>();
  let refused = 0;
  const takes = accountLimits();
  const pages = taskPages(plane);
  const isFailing = (): boolean => fault()?.how === 'half';
  const ecs = ecsApi(plane, {
    ...CONSISTENT,
    describes: (id) => (isFailing() && Number.parseInt(id.slice(-1), 16) % 2 === 0 ? 'failure' : 'task'),
  });

  const answered = async (request: AwsRequest, body: string, headers: Record<string, string>): Promise<Answer> => {
    const { service, call, input } = request;
    calls.set(`${service} ${call}`, (calls.get(`${service} ${call}`) ?? 0) + 1);
    await sleep(ANSWER_TIME);
    if (hits(fault(), service, call)) {
      if (fault()?.how === 'throttled') return throttled(service);
      if (fault()?.how === 'denied') return denied(service);
    }
    if (!takes(service, call, performance.now())) {
      refused++;
      return throttled(service);
    }
    switch (service) {
      case 'ecs':
        return json((call === 'ListTasks' && pages(input)) || ecs(call, input));
      case 'ec2':
        return answerOfEc2(call, input);
      case 'cloudMap':
        return answerOfCloudMap(plane, call, input);
      case 'ssm':
        return ssm(call, body, headers);
    }
  };

  const server = createServer(async (request, response) => {
    let answer: Answer;
    try {
      const body = await text(request);
      const asked = awsRequest(request.headers, body);
      const kept = ['content-type', 'x-amz-target', 'authorization', 'x-amz-date'];
      const headers = Object.fromEntries(kept.map((name) => [name, String(request.headers[name] ?? '')]));
      answer = await answered(asked, body, headers).catch((error: unknown) => {
        if (error instanceof EcsError) return refusal(asked.service, error.name, error.message);
        throw error;
      });
    } catch (error) {
      answer = { status: 500, type: 'text/plain', body: String(error) };
    }
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  server.keepAliveTimeout = 120_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls: () => new Map(calls),
    refused: () => refused,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const namespaces = async (call: string): Promise<Answer> =>
  call === 'GetParameter'
    ? json({ Parameter: { Name: 'ECS-ServiceDiscovery-Namespaces', Type: 'String', Value: 'ecs-services' } })
    : refusal('ssm', 'UnknownOperationException', `${call} is not known here.`);

/** SSM of an emulated AWS, which may be there only later. */
export const ssmOf =
  (endpoint: () => string): NonNullable<AccountOptions['ssm']> =>
  async (_, body, headers) => {
    const response = await fetch(endpoint(), { method: 'POST', body, headers });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? 'application/x-amz-json-1.1',
      body: await response.text(),
    };
  };
