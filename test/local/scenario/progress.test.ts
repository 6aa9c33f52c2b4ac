import { describe, expect, it } from '@jest/globals';
import type { Observer, Sighting } from '../../../infra/local/observation/observer.ts';
import { STAGES, type Stage } from '../../../infra/local/observation/presence.ts';
import type { Change } from '../../../infra/local/scenario/journal.ts';
import { type Expectations, Progress } from '../../../infra/local/scenario/progress.ts';

const COMES: Change = { taskId: 'a', workload: 'webapp', kind: 'comes', at: 1000 };
const GOES: Change = { taskId: 'a', workload: 'webapp', kind: 'goes', at: 5000 };

/** Nothing is wrong with anything, and everything is in Cloud Map. */
const CALM: Expectations = { isRegistered: () => true, problem: () => undefined, mayBeBroken: () => false };

const observer = (sightings: Partial<Record<Stage, Sighting>>): Observer => ({
  sighting: (stage) => sightings[stage],
  present: () => new Map(),
  trouble: () => undefined,
  stop: async () => {},
});

const everywhere = (sighting: Sighting) => Object.fromEntries(STAGES.map((stage) => [stage, sighting]));

describe('the progress of a task', () => {
  it('is complete for one that comes when it was seen at every stage', () => {
    const seen = { ...everywhere({ present: true, since: 1400 }), sample: { present: true, since: 7000 } };
    const [row] = new Progress(observer(seen), CALM).rows([COMES]);
    expect(row).toMatchObject({ complete: true });
    expect(Object.fromEntries(row?.reached ?? [])).toEqual({
      ...{ ssm: 400, cloudMap: 400, file: 400, target: 400 },
      sample: 6000,
    });
  });

  it.each(STAGES)('is not complete for one that comes while %s is missing', (stage) => {
    const { [stage]: _, ...others } = everywhere({ present: true, since: 1400 });
    expect(new Progress(observer(others), CALM).rows([COMES])).toMatchObject([{ complete: false }]);
  });

  it('is not complete for one that goes while a stage still shows it', () => {
    const seen = { ...everywhere({ present: false, since: 5200 }), file: { present: true, since: 1400 } };
    expect(new Progress(observer(seen), CALM).rows([GOES])).toMatchObject([{ complete: false }]);
  });

  it('does not wait for the samples of one that goes to end', () => {
    const seen = { ...everywhere({ present: false, since: 5200 }), sample: { present: true, since: 1400 } };
    expect(new Progress(observer(seen), CALM).rows([GOES])).toMatchObject([{ complete: true }]);
  });

  it('keeps what was reached when the task goes afterwards', () => {
    const sightings = everywhere({ present: true, since: 1400 });
    const progress = new Progress(observer(sightings), CALM);
    expect(progress.rows([COMES])).toMatchObject([{ complete: true }]);
    Object.assign(sightings, everywhere({ present: false, since: 6000 }));
    expect(progress.rows([COMES])).toMatchObject([{ complete: true }]);
  });

  it('counts from the repair where events were lost', () => {
    const seen = everywhere({ present: true, since: 9400 });
    const [row] = new Progress(observer(seen), CALM).rows([COMES], 9000);
    expect(row?.reached.get('ssm')).toBe(400);
  });

  it('does not wait for Cloud Map where the workload is not registered there', () => {
    const { cloudMap: _, ...others } = everywhere({ present: true, since: 1400 });
    const expectations = { ...CALM, isRegistered: () => false };
    expect(new Progress(observer(others), expectations).rows([COMES])).toMatchObject([{ complete: true }]);
  });
});

describe('the progress of a task that is broken', () => {
  const down = { ...observer({}), present: () => new Map([['a', 'connection refused']]) };

  it('shows why it is not scraped, and goes on waiting where it should be', () => {
    const [row] = new Progress(down, CALM).rows([COMES]);
    expect(row).toMatchObject({ problem: 'connection refused', complete: false });
  });

  it('is complete with its problem where it may be broken', () => {
    const rows = new Progress(down, { ...CALM, mayBeBroken: () => true }).rows([COMES]);
    expect(rows).toMatchObject([{ problem: 'connection refused', complete: true }]);
  });

  it('waits for the problem of one that is expected to be broken', () => {
    const rows = new Progress(observer({}), { ...CALM, mayBeBroken: () => true }).rows([COMES]);
    expect(rows).toMatchObject([{ problem: undefined, complete: false }]);
  });

  it('is over at once when it failed to start, with the reason of ECS', () => {
    const fails: Change = { ...COMES, kind: 'fails' };
    const expectations = { ...CALM, problem: () => 'exit code 1', isRegistered: () => false };
    const rows = new Progress(observer({}), expectations).rows([fails]);
    expect(rows).toMatchObject([{ problem: 'exit code 1', complete: true }]);
    expect(rows[0]?.reached.size).toBe(0);
  });

  it('has no problem any more when it goes', () => {
    const rows = new Progress(down, { ...CALM, problem: () => 'Stopped by hand' }).rows([GOES]);
    expect(rows).toMatchObject([{ problem: undefined }]);
  });
});
