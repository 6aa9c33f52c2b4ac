import { describe, expect, it } from '@jest/globals';
import type { Observer, Sighting } from '../../../infra/local/observation/observer.ts';
import { STAGES, type Stage } from '../../../infra/local/observation/presence.ts';
import type { Change } from '../../../infra/local/scenario/journal.ts';
import { Progress } from '../../../infra/local/scenario/progress.ts';

const COMES: Change = { taskId: 'a', kind: 'comes', at: 1000 };
const GOES: Change = { taskId: 'a', kind: 'goes', at: 5000 };

const observer = (sightings: Partial<Record<Stage, Sighting>>): Observer => ({
  sighting: (stage) => sightings[stage],
  present: () => new Set(),
  trouble: () => undefined,
  stop: async () => {},
});

const everywhere = (sighting: Sighting) => Object.fromEntries(STAGES.map((stage) => [stage, sighting]));

describe('the progress of a task', () => {
  it('is complete for one that comes when it was seen at every stage', () => {
    const seen = { ...everywhere({ present: true, since: 1400 }), sample: { present: true, since: 7000 } };
    const [row] = new Progress(observer(seen)).rows([COMES]);
    expect(row).toMatchObject({ complete: true });
    expect(Object.fromEntries(row?.reached ?? [])).toEqual({
      ...{ ssm: 400, cloudMap: 400, file: 400, target: 400 },
      sample: 6000,
    });
  });

  it.each(STAGES)('is not complete for one that comes while %s is missing', (stage) => {
    const { [stage]: _, ...others } = everywhere({ present: true, since: 1400 });
    expect(new Progress(observer(others)).rows([COMES])).toMatchObject([{ complete: false }]);
  });

  it('is not complete for one that goes while a stage still shows it', () => {
    const seen = { ...everywhere({ present: false, since: 5200 }), file: { present: true, since: 1400 } };
    expect(new Progress(observer(seen)).rows([GOES])).toMatchObject([{ complete: false }]);
  });

  it('does not wait for the samples of one that goes to end', () => {
    const seen = { ...everywhere({ present: false, since: 5200 }), sample: { present: true, since: 1400 } };
    expect(new Progress(observer(seen)).rows([GOES])).toMatchObject([{ complete: true }]);
  });

  it('keeps what was reached when the task goes afterwards', () => {
    const sightings = everywhere({ present: true, since: 1400 });
    const progress = new Progress(observer(sightings));
    expect(progress.rows([COMES])).toMatchObject([{ complete: true }]);
    Object.assign(sightings, everywhere({ present: false, since: 6000 }));
    expect(progress.rows([COMES])).toMatchObject([{ complete: true }]);
  });

  it('counts from the repair where events were lost', () => {
    const seen = everywhere({ present: true, since: 9400 });
    const [row] = new Progress(observer(seen)).rows([COMES], 9000);
    expect(row?.reached.get('ssm')).toBe(400);
  });
});
