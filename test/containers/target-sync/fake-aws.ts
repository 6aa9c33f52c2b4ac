import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer that is an error, as SQS and SSM give it. */
export interface Fault {
  readonly status: number;
  readonly code: string;
}

/**
 * One SQS queue and the parameters of SSM on a loopback port, with what target-sync depends on: long polls, batches of
 * ten, visibility timeouts and receive counts; versions that rise, ten names a call. Operations can be made to fail, or
 * to hang until the client gives up.
 */
export interface FakeAws {
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Names of the operations that were called, in order. */
  readonly calls: string[];
  /** By operation: how it fails, until it is removed. */
  readonly faults: Map<string, Fault | 'hang'>;
  readonly parameters: Map<string, { value: string; version: number }>;
  put(name: string, value: string): number;
  /** @param sentAt milliseconds since 1970 by the clock of SQS; now if absent */
  send(body: string, sentAt?: number): void;
  /** Messages that are in the queue, visible or not. */
  waiting(): number;
  stop(): Promise<void>;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  receipt: string;
  receives: number;
  visibleAt: number;
}

type Answer = Record<string, unknown> | Fault;

interface Request {
  readonly Names: string[];
  readonly Name: string;
  readonly WaitTimeSeconds: number;
  readonly MaxNumberOfMessages: number;
  readonly Entries: { Id: string; ReceiptHandle: string }[];
}

const VISIBILITY_TIMEOUT = 30_000;
const notFound: Fault = { status: 400, code: 'ParameterNotFound' };

export async function startFakeAws(): Promise<FakeAws> {
  const parameters = new Map<string, { value: string; version: number }>();
  const calls: string[] = [];
  const faults = new Map<string, Fault | 'hang'>();
  let messages: Message[] = [];
  const waiters = new Set<() => void>();

  const visible = () => messages.filter(({ visibleAt }) => visibleAt <= Date.now());

  async function receive({ WaitTimeSeconds, MaxNumberOfMessages }: Request, closed: Promise<void>): Promise<Answer> {
    const end = Date.now() + WaitTimeSeconds * 1000;
    while (visible().length === 0 && Date.now() < end) {
      const soon = Math.min(end, ...messages.map(({ visibleAt }) => visibleAt)) - Date.now();
      let timer: NodeJS.Timeout | undefined;
      const arrived = new Promise<void>((resolve) => {
        waiters.add(resolve);
        timer = setTimeout(resolve, Math.max(soon, 1));
      });
      const hungUp = await Promise.race([arrived.then(() => false), closed.then(() => true)]);
      clearTimeout(timer);
      if (hungUp) return {};
    }
    const Messages = visible()
      .slice(0, Math.min(MaxNumberOfMessages, 10))
      .map((message) => {
        message.receipt = randomUUID();
        message.receives += 1;
        message.firstReceivedAt ??= Date.now();
        message.visibleAt = Date.now() + VISIBILITY_TIMEOUT;
        return {
          MessageId: message.id,
          ReceiptHandle: message.receipt,
          Body: message.body,
          // The SDK checks it.
          MD5OfBody: createHash('md5').update(message.body).digest('hex'),
          Attributes: {
            SentTimestamp: String(message.sentAt),
            ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
            ApproximateReceiveCount: String(message.receives),
          },
        };
      });
    return { Messages };
  }

  async function answer(operation: string, request: Request, closed: Promise<void>): Promise<Answer> {
    switch (operation) {
      case 'ReceiveMessage':
        return receive(request, closed);
      case 'DeleteMessageBatch':
        messages = messages.filter(({ receipt }) => !request.Entries.some((entry) => entry.ReceiptHandle === receipt));
        return { Successful: request.Entries.map(({ Id }) => ({ Id })), Failed: [] };
      case 'GetParameters': {
        if (request.Names.length > 10) return { status: 400, code: 'ValidationException' };
        const found = request.Names.flatMap((Name) => {
          const parameter = parameters.get(Name);
          return parameter ? [{ Name, Value: parameter.value, Version: parameter.version, Type: 'String' }] : [];
        });
        return { Parameters: found, InvalidParameters: request.Names.filter((name) => !parameters.has(name)) };
      }
      default:
        return notFound;
    }
  }

  async function respond(request: IncomingMessage, closed: Promise<void>): Promise<Answer> {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls.push(operation);
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!String(request.headers.authorization).startsWith('AWS4-HMAC-SHA256 Credential=test/')) {
      return { status: 403, code: 'MissingAuthenticationTokenException' };
    }
    const fault = faults.get(operation);
    if (fault === 'hang') await closed;
    if (typeof fault === 'object') return fault;
    return answer(operation, JSON.parse(body) as Request, closed);
  }

  const server = createServer(async (request, response) => {
    const closed = once(response, 'close').then(() => {});
    const result = await respond(request, closed);
    const failed = 'code' in result && 'status' in result;
    response.writeHead(failed ? Number(result.status) : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(failed ? { __type: `com.amazonaws#${result.code}`, message: 'refused' } : result));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const send = (body: string, sentAt = Date.now()) => {
    const unseen = { firstReceivedAt: undefined, receipt: '', receives: 0, visibleAt: 0 };
    messages.push({ id: randomUUID(), body, sentAt, ...unseen });
    for (const wake of waiters) wake();
    waiters.clear();
  };

  return {
    endpoint,
    queueUrl: `${endpoint}/000000000000/target-sync`,
    calls,
    faults,
    parameters,
    put(name, value) {
      const version = (parameters.get(name)?.version ?? 0) + 1;
      parameters.set(name, { value, version });
      return version;
    },
    send,
    waiting: () => messages.length,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
