import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../discovery/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, ...signals) =>
    setTimeout(milliseconds, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => {}),
  random: () => Math.random(),
};
