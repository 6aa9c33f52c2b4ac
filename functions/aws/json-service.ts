/**
 * A client of one AWS service that speaks the AWS JSON protocol, for target-sync.
 *
 * Why not the AWS SDK: target-sync runs beside every collector and has a budget of 64 MB. Measured with Node 24, the
 * two SDK clients that it needs cost 25 to 30 MB, this costs 2 MB. The Lambdas, where the SDK is part of the runtime,
 * use the SDK (clients.ts).
 * Source: "AWS JSON 1.0 / 1.1 protocol" of the Smithy specification.
 */
import { backoff, type Clock } from '../discovery/clock.ts';
import { isThrottle } from './errors.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';
import { signedHeaders } from './signature.ts';
import type { CredentialSource } from './task-credentials.ts';

export interface JsonServiceSettings {
  /** Name for the signature, such as `ssm`. */
  readonly service: string;
  /** First part of the `X-Amz-Target` header, such as `AmazonSSM`. */
  readonly target: string;
  readonly protocol: '1.0' | '1.1';
  readonly region: string;
  readonly endpoint: URL;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

export interface CallOptions {
  /** Milliseconds until an answer must be complete; the service's own waiting (a long poll) comes on top. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Calls an operation and returns its answer as it came. */
export type JsonService = (operation: string, input: object, options?: CallOptions) => Promise<unknown>;

/** An answer that is an error; `name` is the error's code as AWS documents it, such as `ThrottlingException`. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.status = status;
  }
}

const DEFAULT_TIMEOUT = 5000;
const ATTEMPTS = 3;
const RETRY = { first: 200, longest: 2000 };

export function createJsonService(settings: JsonServiceSettings): JsonService {
  const { service, target, protocol, region, endpoint, credentials, clock } = settings;
  const url = new URL('/', endpoint);

  async function attempt(operation: string, body: string, options: CallOptions): Promise<unknown> {
    const headers = { 'content-type': `application/x-amz-json-${protocol}`, 'x-amz-target': `${target}.${operation}` };
    const signable = { host: url.host, region, service, headers, body };
    const answer = await exchange({
      method: 'POST',
      url,
      headers: signedHeaders(signable, await credentials(), new Date(clock.now())),
      body,
      timeout: options.timeout ?? DEFAULT_TIMEOUT,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (answer.status !== 200) throw serviceError(answer);
    return parse(answer);
  }

  return async (operation, input, options = {}) => {
    const body = JSON.stringify(input);
    for (let failed = 1; ; failed++) {
      try {
        return await attempt(operation, body, options);
      } catch (error) {
        if (failed === ATTEMPTS || options.signal?.aborted || !mayPass(error)) throw error;
      }
      await clock.sleep(backoff(clock, failed - 1, RETRY));
    }
  };
}

/** Whether trying again may help: a throttle, an error on the service's side, a connection that broke. */
function mayPass(error: unknown): boolean {
  if (error instanceof ServiceError) return error.status >= 500 || isThrottle(error);
  return typeof error === 'object' && error !== null && 'code' in error;
}

/** @throws ServiceError without the text, which may be anything, such as a proxy's page. */
function parse({ status, body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ServiceError(
      'UnexpectedAnswer',
      `the answer (status ${status}) is not JSON; is a proxy in the way?`,
      status,
    );
  }
}

function serviceError(answer: HttpAnswer): ServiceError {
  const { status } = answer;
  const error = parse(answer) as { __type?: unknown; message?: unknown; Message?: unknown } | null;
  const type = typeof error?.__type === 'string' ? error.__type : 'UnknownError';
  const message = error?.message ?? error?.Message;
  const code = type.slice(type.lastIndexOf('#') + 1).split(':', 1)[0] ?? type;
  return new ServiceError(code, typeof message === 'string' ? message : `status ${status}`, status);
}
