/** Why a task, or one container of it, is not scraped. Bad input is a rejection, never an exception. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** For a person: what is wrong and what to change. */
  readonly message: string;
  /** AWS has not given all of it yet, and nothing is known to be wrong: a target that is published stays. */
  readonly incomplete?: boolean;
}

export type RejectionReason =
  | 'not-selected'
  | 'no-address'
  | 'no-host-port'
  | 'invalid-port'
  | 'invalid-path'
  | 'invalid-scheme'
  | 'network-mode'
  | 'unhealthy';

export const reject = (reason: RejectionReason, message: string): Rejection => ({ reason, message });

export const incomplete = (reason: RejectionReason, message: string): Rejection => ({
  reason,
  message,
  incomplete: true,
});
