/** The Lambda of an account: all functions share its concurrency; asynchronous invocations are tried twice. */
import { AwsError } from '../aws/aws-error.ts';
import { type Input, type SimulatedService, unknownOperation } from '../aws/simulated-service.ts';
import type { Surface } from '../surface.ts';
import type { Ending, Environment, LambdaFunction } from './lambda-function.ts';

/** Concurrent executions of a new account (AWS Lambda quotas). */
export const NEW_ACCOUNT = 10;
/** An asynchronous invocation that failed is tried again after a minute (Lambda developer guide). */
const RETRY_AFTER = 60_000;
/** Milliseconds from the Invoke to the first try. */
const DELAY = { least: 5, most: 100 };

// biome-ignore lint/suspicious/noExplicitAny: functions of any event and result share one account
export type AnyFunction = LambdaFunction<Environment & any, any, any>;

interface Waiting {
  readonly start: () => void;
}

export class LambdaAccount implements SimulatedService {
  readonly name = 'lambda';
  readonly #surface: Surface;
  readonly #concurrency: number;
  readonly #functions = new Map<string, { readonly target: AnyFunction; readonly retries: number }>();
  readonly #waiting: Waiting[] = [];
  /** Environment variables of its functions, as they are deployed now. */
  variables: Readonly<Record<string, string>> = {};
  #running = 0;
  /** Asynchronous invocations that are waiting, running or to be tried again. */
  pending = 0;
  /** Most functions that ever ran at once. */
  peak = 0;
  /** Hears of an asynchronous invocation that is given up. */
  onLoss: (functionName: string, payload: unknown) => void = () => {};

  constructor(surface: Surface, concurrency = NEW_ACCOUNT) {
    this.#surface = surface;
    this.#concurrency = concurrency;
  }

  /** @param retries tries after the first of an asynchronous invocation (MaximumRetryAttempts, 0–2) */
  add<Env extends Environment, Event, Result>(
    target: LambdaFunction<Env, Event, Result>,
    { retries = 2 }: { readonly retries?: number } = {},
  ): LambdaFunction<Env, Event, Result> {
    this.#functions.set(target.name, { target, retries });
    return target;
  }

  get isWaiting(): boolean {
    for (const { target } of this.#functions.values()) if (!target.isWaiting) return false;
    return true;
  }

  /** Invocations that run or wait, and asynchronous ones that will be tried again. */
  get underWay(): number {
    return this.#running + this.#waiting.length + this.pending;
  }

  redeploy(): void {
    for (const { target } of this.#functions.values()) target.redeploy();
  }

  /** Runs a function as soon as the account has room: Lambda repeats what it throttles. */
  invoke<Env extends Environment, Event, Result>(
    target: LambdaFunction<Env, Event, Result>,
    event: Event,
    done: (ending: Ending<Result>) => void,
  ): void {
    this.#waiting.push({
      start: () =>
        target.run(event, (ending) => {
          this.#running--;
          done(ending);
          this.#startNext();
        }),
    });
    this.#startNext();
  }

  /** An asynchronous invocation, as a schedule or Invoke makes it. */
  invokeLater(functionName: string, payload: unknown): void {
    const found = this.#functions.get(functionName);
    if (!found) throw new AwsError('ResourceNotFoundException', `no function ${functionName}`);
    const { target, retries } = found;
    this.pending++;
    const attempt = (left: number): void =>
      this.invoke(target, payload, ({ kind }) => {
        if (kind === 'failed' && left > 0) this.#surface.scheduler.after(RETRY_AFTER, () => attempt(left - 1));
        else {
          this.pending--;
          if (kind === 'failed') this.onLoss(functionName, payload);
        }
      });
    const { scheduler, random } = this.#surface;
    scheduler.after(random.int(DELAY.least, DELAY.most), () => attempt(retries));
  }

  handle(command: string, input: Input): unknown {
    if (command === 'GetFunctionConfiguration') return { Environment: { Variables: this.variables } };
    if (command !== 'Invoke') throw unknownOperation(command);
    if (input['InvocationType'] !== 'Event') throw new AwsError('InvalidParameterValueException', 'InvocationType');
    const payload = input['Payload'] as string | Uint8Array | undefined;
    const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
    const name = input['FunctionName'] as string;
    this.invokeLater(name.slice(name.lastIndexOf(':') + 1), text === '' ? undefined : JSON.parse(text));
    return { StatusCode: 202 };
  }

  #startNext(): void {
    while (this.#running < this.#concurrency) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#running++;
      this.peak = Math.max(this.peak, this.#running);
      next.start();
    }
  }
}
