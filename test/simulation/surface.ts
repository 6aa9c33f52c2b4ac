/** What programs of the simulation stand on. */
import type { AwsError } from './aws/aws-error.ts';
import type { Input, ServiceName } from './aws/simulated-service.ts';
import type { Faults } from './faults.ts';
import type { Outages } from './outages.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface Surface {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: () => Faults;
  readonly outages: Outages;
  /** Hears of every request that reaches a service, and how it ended. */
  readonly onRequest: (request: ServedRequest) => void;
}

export interface ServedRequest {
  /** Name of the program that sent it. */
  readonly from: string;
  readonly service: ServiceName;
  readonly command: string;
  readonly input: Input;
  readonly outcome: Outcome;
}

/** `ghost`: done, but long after its sender gave it up. `hung`: neither done nor answered. */
export type Outcome = 'done' | 'ghost' | 'hung' | AwsError;
