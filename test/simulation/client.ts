/** A client of the AWS SDK, as a program of the simulation has it: its time-outs, its tries and its pauses between them. */
import { AwsError, isRetryable } from './aws/aws-error.ts';
import { failed, type Input, Later, type SimulatedService, throttled } from './aws/simulated-service.ts';
import { LONGEST_WAY } from './faults.ts';
import type { Program } from './program.ts';
import type { Outcome } from './surface.ts';

/** As the SDK names them; the product's table of patience has the same form. */
export interface ClientSettings {
  /** Milliseconds after which a try is given up. */
  readonly requestTimeout: number;
  readonly maxAttempts: number;
}

export interface RequestOptions {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

/** One way to AWS or back, in milliseconds. */
const WAY = { least: 3, most: 25 };
/** Pauses and tokens of the SDK's standard retries (@smithy/core, submodules/retry: Retry, StandardRetryStrategy). */
const PAUSE = { first: 50, firstOfThrottled: 1000, longest: 20_000 };
const TOKENS = { all: 500, retry: 14, retryOfThrottled: 5, success: 1 };

interface Request {
  readonly command: string;
  readonly input: Input;
  readonly timeout: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly forget: () => void;
  isOver: boolean;
}

interface Served {
  readonly error?: AwsError;
  readonly answer?: unknown;
  readonly isHung?: boolean;
}

export class SimulatedClient {
  readonly #program: Program;
  readonly #service: SimulatedService;
  readonly #settings: ClientSettings;
  readonly #onCall: () => void;
  #tokens = TOKENS.all;

  /** @param onCall hears of each request that the program makes, not of its tries */
  constructor(program: Program, service: SimulatedService, settings: ClientSettings, onCall: () => void = () => {}) {
    this.#program = program;
    this.#service = service;
    this.#settings = settings;
    this.#onCall = onCall;
  }

  /** `send` of the SDK: a command object, answered by its name and input. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's `send` has an overload for every command of every client
  readonly send: any = (
    command: { readonly constructor: { readonly name: string }; readonly input: Input },
    options?: RequestOptions,
  ) => this.request(command.constructor.name.replace(/Command$/, ''), command.input, options);

  request(command: string, input: Input, { abortSignal, requestTimeout }: RequestOptions = {}): Promise<unknown> {
    this.#onCall();
    return new Promise((resolve, reject) => {
      const timeout = requestTimeout ?? this.#settings.requestTimeout;
      // A listener that stays would make each long poll of a day slower than the one before.
      const forget = (): void => abortSignal?.removeEventListener('abort', abort);
      const request: Request = { command, input, timeout, resolve, reject, forget, isOver: false };
      this.#program.begin();
      const abort = (): void => this.#end(request, () => reject(new AwsError('AbortError', 'Request aborted')));
      if (abortSignal?.aborted) return abort();
      abortSignal?.addEventListener('abort', abort, { once: true });
      this.#attempt(request, 1);
    });
  }

  #attempt(request: Request, attempt: number): void {
    const program = this.#program;
    if (!program.alive || request.isOver) return;
    const { scheduler, random, faults } = program.surface;
    const isLast = program.isLast();
    if (isLast && random.chance(50)) {
      program.perish();
      return;
    }

    const there = random.chance(faults().slow) ? random.int(500, LONGEST_WAY) : random.int(WAY.least, WAY.most);
    const isAnswered = !random.chance(faults().unanswered);
    let isOver = false;
    let stopWaiting = (): void => {};
    const end = (served: Served): void => {
      if (isOver) return;
      isOver = true;
      stopWaiting();
      this.#answered(request, attempt, served);
    };
    scheduler.after(there, () => {
      const { error, answer, isHung = false } = this.#serve(request, there >= request.timeout || request.isOver);
      if (isHung || !isAnswered) return;
      const sendBack = (value: unknown): void =>
        scheduler.after(random.int(WAY.least, WAY.most), () => end(error ? { error } : { answer: value }));
      if (answer instanceof Later) stopWaiting = this.#waitFor(answer, request, sendBack);
      else sendBack(answer);
    });
    scheduler.after(request.timeout, () => {
      end({ error: new AwsError('TimeoutError', `${request.command} was not answered in time`, 'timeout') });
    });
    if (isLast) program.perish();
  }

  /** A long poll ends with its request; AWS does not always notice that its sender is gone. */
  #waitFor(later: Later, request: Request, sendBack: (answer: unknown) => void): () => void {
    const { random } = this.#program.surface;
    const cancel = later.wait((answer) => {
      forget();
      if (!request.isOver) sendBack(answer);
    });
    const forget = this.#program.whenItDies(() => {
      if (random.chance(50)) cancel();
    });
    return () => {
      forget();
      cancel();
    };
  }

  #answered(request: Request, attempt: number, { error, answer }: Served): void {
    if (error === undefined) {
      this.#tokens = Math.min(TOKENS.all, this.#tokens + TOKENS.success);
      this.#end(request, () => request.resolve(answer));
      return;
    }
    const isThrottled = error.kind === 'throttle';
    const cost = isThrottled ? TOKENS.retryOfThrottled : TOKENS.retry;
    if (attempt >= this.#settings.maxAttempts || !isRetryable(error) || this.#tokens < cost) {
      this.#end(request, () => request.reject(error));
      return;
    }
    this.#tokens -= cost;
    const { scheduler, random } = this.#program.surface;
    const most = (isThrottled ? PAUSE.firstOfThrottled : PAUSE.first) * 2 ** (attempt - 1);
    scheduler.after(Math.floor(random.next() * Math.min(PAUSE.longest, most)), () =>
      this.#attempt(request, attempt + 1),
    );
  }

  #end(request: Request, go: () => void): void {
    if (request.isOver) return;
    request.isOver = true;
    request.forget();
    this.#program.resume(go);
  }

  #serve({ command, input }: Request, isGhost: boolean): Served {
    const { random, faults, outages, onRequest } = this.#program.surface;
    const { name } = this.#service;
    const tell = (outcome: Outcome): void =>
      onRequest({ from: this.#program.name, service: name, command, input, outcome });
    if (outages.hangs(name)) {
      tell('hung');
      return { isHung: true };
    }
    try {
      const refusal = outages.refusal(name);
      if (refusal) throw refusal;
      if (random.chance(faults().refused)) throw random.chance(50) ? throttled(name) : failed(name);
      const answer = this.#service.handle(command, input);
      tell(isGhost ? 'ghost' : 'done');
      return { answer };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      tell(error);
      return { error };
    }
  }
}
