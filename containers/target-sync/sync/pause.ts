import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or less when a signal aborts; never rejects. */
export async function pause(milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void> {
  await sleep(milliseconds, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => {});
}
