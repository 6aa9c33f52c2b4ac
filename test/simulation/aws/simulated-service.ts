import { AwsError } from './aws-error.ts';
import type { TokenBucket } from './token-bucket.ts';

/** `…Elsewhere` is that of another account and Region: it is ill, and throttles, by itself. */
export type ServiceName =
  | ('ecs' | 'ec2' | 'ssm' | 'cloudMap' | 'sns' | 'sqs' | 'lambda')
  | ('sts' | 'ecsElsewhere' | 'ec2Elsewhere');

/** How each service names the errors that all of them have (their API references, "Common errors"). */
const ERRORS: Readonly<Record<ServiceName, { readonly throttle: string; readonly failure: string }>> = {
  ecs: { throttle: 'ThrottlingException', failure: 'ServerException' },
  ec2: { throttle: 'RequestLimitExceeded', failure: 'InternalError' },
  ssm: { throttle: 'ThrottlingException', failure: 'InternalServerError' },
  cloudMap: { throttle: 'ThrottlingException', failure: 'InternalFailure' },
  sns: { throttle: 'ThrottlingException', failure: 'InternalErrorException' },
  sqs: { throttle: 'RequestThrottled', failure: 'InternalFailure' },
  sts: { throttle: 'Throttling', failure: 'InternalFailure' },
  ecsElsewhere: { throttle: 'ThrottlingException', failure: 'ServerException' },
  ec2Elsewhere: { throttle: 'RequestLimitExceeded', failure: 'InternalError' },
  lambda: { throttle: 'TooManyRequestsException', failure: 'ServiceException' },
};

export const throttled = (service: ServiceName): AwsError =>
  new AwsError(ERRORS[service].throttle, 'Rate exceeded', 'throttle');

export const failed = (service: ServiceName): AwsError =>
  new AwsError(ERRORS[service].failure, 'We encountered an internal error', 'server');

/** An AWS service of the simulation: answers a command at once, as of now, or throws as the SDK would. */
export interface SimulatedService {
  readonly name: ServiceName;
  /**
   * @param command name of the operation, such as `PutParameter`
   * @returns the answer; {@link Later} where the service itself waits
   */
  handle(command: string, input: Input): unknown;
}

export type Input = Readonly<Record<string, unknown>>;

/** An answer that takes its time, as that of a long poll. */
export class Later {
  /** Waits; what it returns gives the waiting up. */
  readonly wait: (answer: (value: unknown) => void) => () => void;

  constructor(wait: (answer: (value: unknown) => void) => () => void) {
    this.wait = wait;
  }
}

export const unknownOperation = (command: string): AwsError => new AwsError('UnknownOperationException', command);

/** What all of them need to know of the world. */
export interface Surroundings {
  now(): number;
  after(milliseconds: number, action: () => void): void;
  /** By how many milliseconds a read lags behind, drawn anew for each. */
  lag(): number;
}

/** @throws AwsError where a request limit is used up */
export function takeFrom(bucket: TokenBucket, service: ServiceName, now: number): void {
  if (!bucket.take(now)) throw throttled(service);
}
