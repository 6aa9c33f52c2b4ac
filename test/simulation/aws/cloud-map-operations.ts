/** Cloud Map's asynchronous operations: one at a time for an instance, some slow, some failed. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import type { Surroundings } from './simulated-service.ts';

interface Operation {
  readonly id: string;
  status: 'PENDING' | 'SUCCESS' | 'FAIL';
}

/** Milliseconds that an operation takes. */
const TAKES = { least: 20, most: 800, slowest: 90_000 };

export class CloudMapOperations {
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #inFlight = new Set<string>();
  readonly #operations = new Map<string, Operation>();
  /** Operations that failed. */
  failed = 0;

  constructor(world: Surroundings, random: Random, faults: () => Faults) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
  }

  get underWay(): number {
    return this.#inFlight.size;
  }

  isInFlight(key: string): boolean {
    return this.#inFlight.has(key);
  }

  /**
   * @param key what it is about
   * @param end called when it is over
   * @throws AwsError DuplicateRequest
   */
  start(key: string, end: (isDone: boolean) => void): { readonly OperationId: string } {
    if (this.#inFlight.has(key)) throw new AwsError('DuplicateRequest', 'The operation is already in progress.');
    this.#inFlight.add(key);
    const operation: Operation = { id: `operation-${this.#operations.size + 1}`, status: 'PENDING' };
    this.#operations.set(operation.id, operation);
    const most = this.#random.chance(this.#faults().slowOperation) ? TAKES.slowest : TAKES.most;
    this.#world.after(this.#random.int(TAKES.least, most), () => {
      this.#inFlight.delete(key);
      const isDone = !this.#random.chance(this.#faults().failedOperation);
      operation.status = isDone ? 'SUCCESS' : 'FAIL';
      if (!isDone) this.failed++;
      end(isDone);
    });
    return { OperationId: operation.id };
  }

  get(id: string): { readonly Operation: { readonly Id: string; readonly Status: string } } {
    const operation = this.#operations.get(id);
    if (!operation) throw new AwsError('OperationNotFound');
    return { Operation: { Id: id, Status: operation.status } };
  }
}
