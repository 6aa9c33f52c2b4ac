import { describe, expect, it } from '@jest/globals';
import type { TaskChange } from '../../../../functions/discovery/change/change.ts';
import { type Observation, type Plan, type Published, plan } from '../../../../functions/discovery/plan/plan.ts';
import { applyChanges, EMPTY_SHARD } from '../../../../functions/discovery/shard/shard.ts';
import { NotYetVisible } from '../../../../functions/discovery/task/not-yet-visible.ts';
import { OBSERVED, shardOf, targets } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const OFFERED = targets(1, { version: 4 });
const NOW = OBSERVED + 60;
const unknown = new Error('ECS did not answer');

const PUBLISHED = {
  unread: 'unread',
  nothing: 'nothing',
  same: targets(1, { version: 3 }),
  others: targets(1, { version: 3, address: '10.9.9.9' }),
} as const satisfies Record<string, Published>;

const SEEN = {
  offers: { kind: 'offers', targets: OFFERED },
  unselected: { kind: 'unselected', version: 4, service: 'shop' },
  starting: { kind: 'starting' },
  stopped: { kind: 'stopped', version: 4, service: 'shop' },
  missing: { kind: 'missing' },
  unknown: { kind: 'unknown', error: unknown },
} as const satisfies Record<string, Observation>;

const nothing: Plan = { kind: 'nothing' };
const held: Plan = { kind: 'held', error: expect.any(NotYetVisible) as unknown as Error };
const failed: Plan = { kind: 'held', error: unknown };
const upsert: Plan = { kind: 'upsert', taskId: idOf(1), version: 4, observed: NOW, targets: OFFERED };
const deselect: Plan = { kind: 'deselect', taskId: idOf(1), version: 4, observed: NOW, service: 'shop' };
const stop: Plan = { kind: 'stop', taskId: idOf(1), version: 4, observed: NOW, service: 'shop' };
/** Of a task that ECS no longer knows, what was published is all there is to say. */
const stopOfMissing: Plan = { kind: 'stop', taskId: idOf(1), version: 3, observed: NOW };

describe('what is seen of a task that is published as', () => {
  const columns = ['unread', 'nothing', 'same', 'others'] as const;
  const table: Record<keyof typeof SEEN, [Plan, Plan, Plan, Plan]> = {
    offers: [upsert, upsert, nothing, upsert],
    unselected: [nothing, nothing, deselect, deselect],
    starting: [nothing, nothing, held, held],
    stopped: [stop, nothing, stop, stop],
    missing: [held, nothing, stopOfMissing, stopOfMissing],
    unknown: [failed, failed, failed, failed],
  };
  const cells = Object.entries(table).flatMap(([seen, row]) =>
    row.map((expected, column) => [columns[column] ?? 'unread', seen as keyof typeof SEEN, expected] as const),
  );

  it.each(cells)('%s, and now %s', (published, seen, expected) => {
    expect(plan(idOf(1), PUBLISHED[published], SEEN[seen], NOW)).toEqual(expected);
  });
});

describe('a plan', () => {
  it('says no service where the task has none', () => {
    const stoppedTask = { kind: 'stopped', version: 4 } as const;
    expect(plan(idOf(1), 'unread', stoppedTask, NOW)).toEqual({
      kind: 'stop',
      taskId: idOf(1),
      version: 4,
      observed: NOW,
    });
  });

  const published = fc.constantFrom('nothing', 'same', 'others');
  const seen = fc.constantFrom(...(Object.keys(SEEN) as (keyof typeof SEEN)[]));

  it('is empty once it has been applied', () => {
    fc.assert(
      fc.property(published, seen, (before, kind) => {
        const known = PUBLISHED[before as keyof typeof PUBLISHED];
        const planned = plan(idOf(1), known, SEEN[kind], NOW);
        if (!isChange(planned)) return;
        const shard = typeof known === 'object' ? shardOf([known]) : EMPTY_SHARD;
        const after = applyChanges(shard, [planned]).tasks.get(idOf(1))?.targets ?? 'nothing';
        expect(plan(idOf(1), after, SEEN[kind], NOW + 5)).toEqual(nothing);
      }),
    );
  });

  it('removes nothing without evidence', () => {
    const unclear = fc.constantFrom<Observation>(SEEN.unknown, SEEN.starting, SEEN.offers);
    fc.assert(
      fc.property(fc.constantFrom<Published>(...Object.values(PUBLISHED)), unclear, (known, observation) => {
        expect(['stop', 'deselect']).not.toContain(plan(idOf(1), known, observation, NOW).kind);
      }),
    );
  });
});

const isChange = (planned: Plan): planned is TaskChange => 'taskId' in planned;
