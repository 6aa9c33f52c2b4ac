/** `throttle`, `server` and `timeout` are what the SDK tries again. */
export type ErrorKind = 'client' | 'throttle' | 'server' | 'timeout';

const STATUS: Readonly<Record<ErrorKind, number>> = { client: 400, throttle: 400, server: 500, timeout: 0 };

/** An error as the SDK throws it: its name says what it is. */
export class AwsError extends Error {
  override readonly name: string;
  readonly kind: ErrorKind;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number };

  constructor(name: string, message = name, kind: ErrorKind = 'client') {
    super(message);
    this.name = name;
    this.kind = kind;
    this.$fault = kind === 'server' ? 'server' : 'client';
    this.$metadata = kind === 'timeout' ? {} : { httpStatusCode: STATUS[kind] };
  }
}

export const isRetryable = (error: AwsError): boolean => error.kind !== 'client';
