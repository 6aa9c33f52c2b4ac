/** The deployed pipeline on a real collector, before a receiver that fails: the same parts as `npm run bench:collector`. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REMOTE_WRITE } from '../../../infra/constructs/collector/collector-pipeline.ts';
import { LOSS_PHRASES } from '../../../infra/constructs/collector/loss-phrases.ts';
import { openTelemetryCollector } from '../../../infra/local/collector/program.ts';
import { until } from '../until.ts';
import { type Rig, startRig } from './bench/rig.ts';

const BUILD_MILLISECONDS = 20 * 60_000;

describe('the collector, when its receiver', () => {
  let rig: Rig;

  const log = () => readFile(rig.collector.process().log, 'utf8');
  /** Waits for a number of scrapes of all targets from now on, and for their samples. */
  const scraped = async (rounds: number): Promise<{ readonly start: number; readonly end: number }> => {
    const start = performance.now();
    const { targets, series } = rig.fleet;
    await until('scrapes', async () => {
      return rig.fleet.between(start, performance.now()).scraped >= rounds * targets * series;
    });
    return { start, end: performance.now() };
  };
  const arrived = ({ start, end }: { readonly start: number; readonly end: number }) =>
    until('all samples', async () => rig.fleet.between(start, end).missing === 0);
  /** Waits for as many samples as a scrape of all targets has: single ones may be among those that are still refused. */
  const goesOn = async (): Promise<void> => {
    const start = performance.now();
    const { targets, series } = rig.fleet;
    await until('new samples', async () => {
      const { scraped, missing } = rig.fleet.between(start, performance.now());
      return scraped - missing >= targets * series;
    });
  };

  beforeAll(async () => {
    rig = await startRig({
      name: 'outage-test',
      program: await openTelemetryCollector(),
      fleet: { targets: 4, series: 3 },
      scrapeIntervalSeconds: 1,
      timing: REMOTE_WRITE,
    });
    await arrived(await scraped(2));
  }, BUILD_MILLISECONDS);

  afterAll(() => rig?.close());

  it('is well, warns of nothing: no name in its pipeline is on its way out', async () => {
    const warnings = (await log()).split('\n').filter((line) => /\twarn\t|deprecat|legacy/i.test(line));
    expect(warnings).toEqual([]);
    expect(await rig.lossLines(LOSS_PHRASES)).toBe(0);
  });

  it('answers 500, loses nothing and asks only once in a while', async () => {
    const before = rig.receiver.requests.length;
    rig.receiver.fail('500');
    const outage = await scraped(5);
    const requests = rig.receiver.requests.length - before;
    rig.receiver.fail(undefined);
    await arrived(outage);
    expect(await rig.lossLines(LOSS_PHRASES)).toBe(0);
    // A try every two seconds, one to three by chance; one may have been on its way.
    expect(requests).toBeLessThanOrEqual(2 + (outage.end - outage.start) / 1000);
  }, 90_000);

  it('does not answer at all for a while and then fails, loses nothing', async () => {
    rig.receiver.fail('hold');
    const outage = await scraped(5);
    rig.receiver.fail(undefined);
    await arrived(outage);
    expect(await rig.lossLines(LOSS_PHRASES)).toBe(0);
  }, 90_000);

  it.each(['400', '429'] as const)(
    'answers %s, says in its log what the alarm looks for, and goes on',
    async (fault) => {
      const before = await rig.lossLines([LOSS_PHRASES[0]]);
      rig.receiver.fail(fault);
      await until('a line about the loss', async () => (await rig.lossLines([LOSS_PHRASES[0]])) > before);
      rig.receiver.fail(undefined);
      await goesOn();
    },
    90_000,
  );

  it('answers 500 while the collector is stopped, gets all that it holds once it works again', async () => {
    rig.receiver.fail('500');
    const outage = await scraped(5);
    const stopped = rig.collector.process().stop(60_000);
    // It goes on trying.
    const before = rig.receiver.requests.length;
    await until('a try after the signal', async () => rig.receiver.requests.length > before);
    rig.receiver.fail(undefined);
    await stopped;
    expect(await rig.collector.process().ended).toBe('exit code 0');
    expect(rig.fleet.between(outage.start, outage.end).missing).toBe(0);
  }, 90_000);
});
