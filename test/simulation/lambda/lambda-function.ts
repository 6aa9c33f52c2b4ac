/** A Lambda function: execution environments that keep their memory between invocations. */
import type { Program } from '../program.ts';
import type { Surface } from '../surface.ts';

/** An execution environment: the program, and what its code remembers. */
export interface Environment {
  readonly program: Program;
}

export interface FunctionSettings<Env extends Environment, Event, Result> {
  readonly name: string;
  /** Milliseconds; longer invocations are killed. */
  readonly timeout: number;
  /** Makes an environment: what the handler's file does when it is loaded. */
  readonly create: (name: string) => Env;
  readonly handle: (environment: Env, event: Event) => Promise<Result>;
  /** Hears of a handler that threw. */
  readonly onThrow?: (environment: Env, error: unknown) => void;
}

/** How an invocation ended. */
export type Ending<Result> = { readonly kind: 'done'; readonly result: Result } | { readonly kind: 'failed' };

/** Milliseconds until the handler begins: cold (measured init of the bundles and a new sandbox) and warm. */
const START = { cold: { least: 300, most: 600 }, warm: { least: 2, most: 15 } };
/** AWS ends environments that have been idle for some minutes. */
const IDLE = { least: 5 * 60 * 1000, most: 20 * 60 * 1000 };

interface Idle<Env> {
  readonly environment: Env;
  readonly until: number;
}

export class LambdaFunction<Env extends Environment, Event, Result> {
  readonly settings: FunctionSettings<Env, Event, Result>;
  readonly #surface: Surface;
  readonly #idle: Idle<Env>[] = [];
  readonly #busy = new Set<Env>();
  #made = 0;
  #deployments = 0;

  constructor(surface: Surface, settings: FunctionSettings<Env, Event, Result>) {
    this.#surface = surface;
    this.settings = settings;
  }

  get name(): string {
    return this.settings.name;
  }

  /** Whether all code that runs waits for something simulated. */
  get isWaiting(): boolean {
    for (const { program } of this.#busy) if (!program.isWaiting) return false;
    return true;
  }

  get running(): number {
    return this.#busy.size;
  }

  /** New code or settings were deployed: new invocations get new environments. */
  redeploy(): void {
    this.#deployments++;
    this.#idle.length = 0;
  }

  /** Runs the handler, in an environment that is idle or new. */
  run(event: Event, done: (ending: Ending<Result>) => void): void {
    const { scheduler, random, faults } = this.#surface;
    const { create, handle, timeout, name, onThrow } = this.settings;
    const warm = this.#warm();
    const environment = warm ?? create(`${name} ${++this.#made}`);
    const { program } = environment;
    const deployment = this.#deployments;
    let isOver = false;
    const end = (ending: Ending<Result>, isReusable: boolean): void => {
      if (isOver) return;
      isOver = true;
      program.live();
      this.#busy.delete(environment);
      if (isReusable && deployment === this.#deployments) {
        this.#idle.push({ environment, until: scheduler.now() + random.int(IDLE.least, IDLE.most) });
      } else program.die();
      done(ending);
    };
    // It is waiting until it begins.
    program.begin();
    this.#busy.add(environment);
    const { least, most } = warm ? START.warm : START.cold;
    scheduler.after(random.int(least, most), () =>
      program.resume(() => {
        if (random.chance(faults().crash)) program.dieAt(random.int(1, 25), () => end({ kind: 'failed' }, false));
        scheduler.after(timeout, () => end({ kind: 'failed' }, false));
        handle(environment, event).then(
          (result) => end({ kind: 'done', result }, true),
          (error: unknown) => {
            onThrow?.(environment, error);
            end({ kind: 'failed' }, true);
          },
        );
      }),
    );
  }

  #warm(): Env | undefined {
    const now = this.#surface.scheduler.now();
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.until > now) return idle.environment;
      idle.environment.program.die();
    }
    return undefined;
  }
}
