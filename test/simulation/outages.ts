/** Services that are ill for a period, while the others work. */

import type { AwsError } from './aws/aws-error.ts';
import { failed, type ServiceName, throttled } from './aws/simulated-service.ts';

/** `hangs`: nothing is answered, and nothing is done. `throttles`, `fails`: every request is refused. */
export type Outage = 'hangs' | 'throttles' | 'fails';

export class Outages {
  readonly #now = new Map<ServiceName, Outage>();

  begin(service: ServiceName, outage: Outage): void {
    this.#now.set(service, outage);
  }

  end(service: ServiceName): void {
    this.#now.delete(service);
  }

  endAll(): void {
    this.#now.clear();
  }

  hangs(service: ServiceName): boolean {
    return this.#now.get(service) === 'hangs';
  }

  /** What a request is refused with, if it is. */
  refusal(service: ServiceName): AwsError | undefined {
    switch (this.#now.get(service)) {
      case 'throttles':
        return throttled(service);
      case 'fails':
        return failed(service);
      default:
        return undefined;
    }
  }
}
