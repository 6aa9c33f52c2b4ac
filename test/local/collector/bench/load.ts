/** What a number of targets costs the collector: CPU and memory, by its own metrics, in calm and while AMP fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LOSS_PHRASES } from '../../../../infra/constructs/collector/loss-phrases.ts';
import { type Rig, type RigOptions, startRig } from './rig.ts';

export interface LoadOptions extends Omit<RigOptions, 'environment' | 'changed'> {
  /** Memory of the collector's container: what its limiter and Go's garbage collector see when it is deployed. */
  readonly memoryMiB: number;
  readonly faultSeconds: number;
}

export interface LoadResult {
  /** vCPU, on average over half a minute in calm. */
  readonly cpu: number;
  readonly calmMiB: number;
  /** The most that it held while the receiver failed and the backlog was sent. */
  readonly outageMiB: number;
  readonly lostPercent: number;
  /** Seconds from the end of the outage until all that was scraped in it had arrived. */
  readonly drainSeconds: number;
  readonly lossLines: number;
  /** Bytes of the largest request. */
  readonly largestRequest: number;
}

/** The receiver is one process beside all the others of this machine, and slower than AMP. */
const DRAIN_SECONDS = 120;
/** Milliseconds from a scrape to the receiver that are nothing to wonder about. */
const ON_ITS_WAY = 5000;
const MIB = 2 ** 20;
const CPU = 'otelcol_process_cpu_seconds';
const MEMORY = 'otelcol_process_memory_rss';

/** The pipeline's percentages of a container, where there is no container. */
const limitedTo =
  (memoryMiB: number) =>
  (pipeline: string): string =>
    pipeline.replaceAll(
      /limit_percentage: (\d+)/g,
      (_, percent: string) => `limit_mib: ${Math.floor((memoryMiB * Number(percent)) / 100)}`,
    );

async function metric({ selfMetrics }: Rig, name: string): Promise<number> {
  const value = (await selfMetrics()).get(name);
  if (value === undefined) throw new Error(`The collector has no metric ${name}.`);
  return value;
}

/** The largest value of a metric in this time. */
async function highest(rig: Rig, name: string, seconds: number, enough = () => false): Promise<number> {
  let most = 0;
  for (const end = performance.now() + seconds * 1000; performance.now() < end && !enough(); await sleep(1000)) {
    most = Math.max(most, await metric(rig, name));
  }
  return most;
}

export async function measureLoad({ memoryMiB, faultSeconds, ...options }: LoadOptions): Promise<LoadResult> {
  const rig = await startRig({
    ...options,
    environment: { GOMEMLIMIT: `${Math.floor(memoryMiB * 0.8)}MiB` },
    changed: limitedTo(memoryMiB),
  });
  const { fleet, receiver } = rig;
  try {
    await sleep(options.scrapeIntervalSeconds * 2000);
    const before = await metric(rig, CPU);
    const calmMiB = (await highest(rig, MEMORY, 30)) / MIB;
    const cpu = ((await metric(rig, CPU)) - before) / 30;
    const start = performance.now();
    receiver.fail('500');
    const failing = await highest(rig, MEMORY, faultSeconds);
    const end = performance.now();
    receiver.fail(undefined);
    // What is scraped meanwhile waits behind the backlog; what the memory limiter turns away meanwhile is lost, too.
    const missingNow = () => fleet.between(start, performance.now() - ON_ITS_WAY).missing;
    const draining = await highest(rig, MEMORY, DRAIN_SECONDS, () => missingNow() === 0);
    const drainSeconds = (performance.now() - end) / 1000;
    const { scraped } = fleet.between(start, end);
    const missing = missingNow();
    return {
      cpu,
      calmMiB,
      outageMiB: Math.max(failing, draining) / MIB,
      lostPercent: (100 * missing) / scraped,
      drainSeconds,
      lossLines: await rig.lossLines(LOSS_PHRASES),
      largestRequest: receiver.largest(),
    };
  } finally {
    await rig.close();
  }
}
