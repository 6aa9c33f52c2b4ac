/** What follows from all that is known of one task, and why. */
import type { Labels } from '../../../functions/discovery/target/labels.ts';

/**
 * `scraped`: it has targets. `rejected`: something asks for it, and nothing of it can be scraped. `ignored`: nothing asks
 * for it. `held`: AWS does not say enough, so that what is published stays. `stopped`: it has stopped, or is about to.
 */
export type Decision = 'scraped' | 'rejected' | 'ignored' | 'held' | 'stopped';

/** One look at one thing. */
export interface Step {
  /** What was looked at, such as `docker labels`. */
  readonly step: string;
  /** `failed`: the chain ends here. `skipped`: it decides nothing. `warning`: a person should look at it. */
  readonly result: 'passed' | 'failed' | 'skipped' | 'warning';
  /** What was found. */
  readonly says: string;
  /** What to change. */
  readonly advice?: string;
}

export interface ExplainedTask {
  /** Id of the task. */
  readonly task: string;
  readonly cluster: string;
  readonly service?: string;
  readonly decision: Decision;
  /** What is to be scraped, as the target files have it. */
  readonly targets: readonly { readonly address: string; readonly labels: Labels }[];
  /** Endpoints that something asks for and that cannot be scraped. */
  readonly rejections: readonly { readonly reason: string; readonly problem: string }[];
  readonly steps: readonly Step[];
}

export const passed = (step: string, says: string): Step => ({ step, result: 'passed', says });

export const skipped = (step: string, says: string): Step => ({ step, result: 'skipped', says });

export const failed = (step: string, says: string, advice?: string): Step => ({
  step,
  result: 'failed',
  says,
  ...(advice !== undefined && { advice }),
});

export const warning = (step: string, says: string, advice?: string): Step => ({
  ...failed(step, says, advice),
  result: 'warning',
});
