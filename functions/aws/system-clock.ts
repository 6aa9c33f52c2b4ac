import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../discovery/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal && { signal }).catch(() => {}),
  random: () => Math.random(),
};
