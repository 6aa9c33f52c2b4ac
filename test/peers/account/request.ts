/** Requests of AWS's SDKs and answers to them, in the protocols of the services that are compared. */
import type { IncomingMessage } from 'node:http';
import type { AwsService } from '../faults.ts';

export interface AwsRequest {
  readonly service: AwsService;
  readonly call: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By the first part of the header X-Amz-Target. */
const SERVICES: Readonly<Record<string, AwsService>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  Route53AutoNaming_v20170314: 'cloudMap',
  AmazonSSM: 'ssm',
};

/** @throws Error for a request to another service */
export const awsRequest = (headers: IncomingMessage['headers'], body: string): AwsRequest => {
  const [prefix = '', call = ''] = String(headers['x-amz-target'] ?? '').split('.');
  const service = SERVICES[prefix];
  if (service !== undefined) return { service, call, input: JSON.parse(body === '' ? '{}' : body) };
  const form = new URLSearchParams(body);
  const action = form.get('Action');
  if (action === null) throw new Error(`Nobody here answers ${prefix || body.slice(0, 80)}.`);
  return { service: 'ec2', call: action, input: Object.fromEntries(form) };
};

export const json = (body: unknown): Answer => ({
  status: 200,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});

export const xml = (body: string): Answer => ({ status: 200, type: 'text/xml;charset=UTF-8', body });

/** An error as the service words it. */
export const refusal = (service: AwsService, name: string, message: string): Answer =>
  service === 'ec2'
    ? {
        ...xml(
          `<Response><Errors><Error><Code>${name}</Code><Message>${message}</Message></Error></Errors><RequestID>local</RequestID></Response>`,
        ),
        status: name === 'RequestLimitExceeded' ? 503 : 403,
      }
    : { ...json({ __type: name, message }), status: 400 };

/** What each service calls a throttled request (their API references). */
export const throttled = (service: AwsService): Answer => {
  const names = { ecs: 'ThrottlingException', ssm: 'ThrottlingException', cloudMap: 'RequestLimitExceeded' };
  return refusal(service, service === 'ec2' ? 'RequestLimitExceeded' : names[service], 'Rate exceeded');
};

export const denied = (service: AwsService): Answer =>
  refusal(service, service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDeniedException', 'You are not authorized.');
