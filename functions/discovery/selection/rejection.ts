/** Why a task, or one container of it, is not scraped. Bad input is a rejection, never an exception. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** For a person: what is wrong and what to change. */
  readonly message: string;
  /** Nothing is wrong, AWS has only not told all of it; a target that is published stays. */
  readonly untold?: boolean;
}

export type RejectionReason =
  | 'not-selected'
  | 'no-address'
  | 'no-host-port'
  | 'invalid-port'
  | 'invalid-path'
  | 'invalid-scheme'
  | 'network-mode';

export const reject = (reason: RejectionReason, message: string): Rejection => ({ reason, message });

export const untold = (reason: RejectionReason, message: string): Rejection => ({ reason, message, untold: true });
