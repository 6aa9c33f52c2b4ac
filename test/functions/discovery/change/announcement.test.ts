import { describe, expect, it } from '@jest/globals';
import {
  ANNOUNCEMENT_BYTES,
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  MalformedAnnouncement,
} from '../../../../functions/discovery/change/announcement.ts';
import type { TaskChange } from '../../../../functions/discovery/change/change.ts';
import type { TaskId } from '../../../../functions/discovery/task/task.ts';
import { anyTargets, anyTaskId, deselect, noise, OBSERVED, stop, upsert, upsertOf } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const EMPTY: Announcement = {
  deployment: 'discovery',
  cluster: 'prod',
  changes: [],
  misregistered: [],
  compared: [],
  written: [],
};

const removal = fc.record(
  {
    kind: fc.constantFrom('stop' as const, 'deselect' as const),
    taskId: anyTaskId,
    version: fc.nat(),
    observed: fc.nat(),
    service: fc.string(),
  },
  { requiredKeys: ['kind', 'taskId', 'version', 'observed'], noNullPrototype: true },
);
const upserts = fc.tuple(anyTargets, fc.nat()).map(([targets, observed]) => upsertOf(targets, observed));
const changes = fc.uniqueArray(fc.oneof(upserts, removal) as fc.Arbitrary<TaskChange>, {
  selector: ({ taskId }) => taskId,
  maxLength: 12,
});
const shardOfMany = { shard: fc.nat(), shards: fc.nat(), version: fc.nat() };
const announcement: fc.Arbitrary<Announcement> = fc.record(
  {
    deployment: fc.string(),
    cluster: fc.string(),
    changes,
    misregistered: fc.array(fc.record({ serviceId: fc.string(), taskId: anyTaskId }), { maxLength: 4 }),
    compared: fc.array(fc.record({ ...shardOfMany, at: fc.nat() }), { maxLength: 3 }),
    written: fc.array(fc.record(shardOfMany), { maxLength: 3 }),
    changedAt: fc.nat(),
  },
  {
    requiredKeys: ['deployment', 'cluster', 'changes', 'misregistered', 'compared', 'written'],
    noNullPrototype: true,
  },
);

const byTask = (a: TaskChange, b: TaskChange): number => (a.taskId < b.taskId ? -1 : 1);
/** What announcements say together, without an order of the changes. */
const together = (all: readonly Announcement[]): unknown => ({
  changes: all.flatMap((it) => it.changes).sort(byTask),
  misregistered: all.flatMap((it) => it.misregistered),
  compared: all.flatMap((it) => it.compared),
  written: all.flatMap((it) => it.written),
  rest: [...new Set(all.map(({ deployment, cluster, changedAt }) => JSON.stringify([deployment, cluster, changedAt])))],
});
const bodyOf = (one: Announcement): string => encodeAnnouncement(one)[0]?.body ?? '';

describe('an announcement', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(announcement, (one) => {
        const decoded = decodeAnnouncement(bodyOf(one));
        expect(together([decoded])).toEqual(together([one]));
        expect(decoded.changedAt).toBe(one.changedAt);
      }),
    );
  });

  it('has the form that is documented', () => {
    const one = {
      ...EMPTY,
      changes: [upsert(1), stop(2, { service: 'shop' }), deselect(3)],
      misregistered: [{ serviceId: 'srv-1', taskId: idOf(4) }],
      compared: [{ shard: 0, shards: 2, version: 7, at: OBSERVED }],
      written: [{ shard: 1, shards: 2, version: 9 }],
      changedAt: 1000 * OBSERVED,
    };
    expect(JSON.parse(bodyOf(one))).toEqual({
      v: 1,
      deployment: 'discovery',
      cluster: 'prod',
      changedAt: 1000 * OBSERVED,
      upserts: [
        {
          labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
          targets: [{ __metrics_path__: '/metrics' }],
          tasks: [[idOf(1), 1, OBSERVED, '10.0.0.1', 3000]],
        },
      ],
      stopped: [[idOf(2), 5, OBSERVED, 'shop']],
      deselected: [[idOf(3), 5, OBSERVED]],
      misregistered: [{ serviceId: 'srv-1', taskId: idOf(4) }],
      compared: [{ shard: 0, shards: 2, version: 7, at: OBSERVED }],
      written: [{ shard: 1, shards: 2, version: 9 }],
    });
    expect(JSON.parse(bodyOf(EMPTY))).toEqual({ v: 1, deployment: 'discovery', cluster: 'prod' });
  });

  it('of the same tasks is the same bytes, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.uniqueArray(upserts, { selector: ({ taskId }) => taskId }), (all) => {
        expect(bodyOf({ ...EMPTY, changes: all.toReversed() })).toBe(bodyOf({ ...EMPTY, changes: all }));
      }),
    );
  });

  it('takes task ids of both forms that ECS has had', () => {
    const ids = ['f8bec92bed774ee4b27711702a862de5', 'b99d40b3-5176-4f71-9a52-9dbd6f1cebef'] as TaskId[];
    const stops = ids.map((taskId) => stop(1, { taskId }));
    expect(decodeAnnouncement(bodyOf({ ...EMPTY, changes: stops })).changes).toEqual(stops);
  });

  it('may have fields that this version does not know', () => {
    const body = JSON.stringify({ ...JSON.parse(bodyOf(EMPTY)), later: 1 });
    expect(decodeAnnouncement(body)).toEqual(EMPTY);
  });
});

describe('a large announcement', () => {
  const wide = (number: number): TaskChange => upsert(number, { labels: { job: noise(number, 3000) } });
  const misregistered = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ serviceId: `srv-${noise(number, 100)}`, taskId: idOf(number) }));
  const last = {
    compared: [{ shard: 0, shards: 1, version: 7, at: 1 }],
    written: [{ shard: 0, shards: 1, version: 7 }],
  };

  it.each([
    ['of many changes', 300, 0],
    ['of many instances that are registered in the wrong place', 0, 6000],
    ['of both', 150, 3000],
    ['of many instances and one change', 1, 6000],
  ])('%s is cut into parts that fit a message, and loses nothing', (_, changed, wrong) => {
    const numbers = Array.from({ length: changed }, (__, number) => number);
    const whole = { ...EMPTY, ...last, changes: numbers.map(wide), misregistered: misregistered(wrong), changedAt: 5 };
    const parts = encodeAnnouncement(whole);
    expect(parts.length).toBeGreaterThan(2);
    for (const { body } of parts) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(ANNOUNCEMENT_BYTES);
    expect(together(parts.map(({ body }) => decodeAnnouncement(body)))).toEqual(together([whole]));
    expect(together(parts.map(({ part }) => part))).toEqual(together([whole]));
  });

  it('is measured in bytes, as SNS does', () => {
    const changes = [1, 2].map((number) => upsert(number, { labels: { job: `${number}${'日本'.repeat(20_000)}` } }));
    const parts = encodeAnnouncement({ ...EMPTY, changes });
    expect(parts).toHaveLength(2);
  });

  it('says what was compared in its last part only', () => {
    const parts = encodeAnnouncement({ ...EMPTY, ...last, changes: Array.from({ length: 300 }, (_, it) => wide(it)) });
    expect(parts.slice(0, -1).flatMap(({ part }) => [...part.compared, ...part.written])).toEqual([]);
    expect(parts.at(-1)?.part).toMatchObject(last);
  });

  it('of a single change is not cut', () => {
    const single = { ...EMPTY, changes: [upsert(1, { labels: { job: noise(1, 300_000) } })] };
    expect(encodeAnnouncement(single)).toHaveLength(1);
  });
});

describe('a message that is no announcement', () => {
  const SECRET = 'hunter2';
  const row = [idOf(1), 1, OBSERVED, '10.0.0.1', 3000];
  const group = { labels: { cluster: 'prod' }, targets: [{ __metrics_path__: '/metrics' }], tasks: [row] };
  const valid = { v: 1, deployment: 'd', cluster: 'c', upserts: [group] };
  const withGroup = (changed: object): object => ({ ...valid, upserts: [{ ...group, ...changed }] });
  const withRow = (...changed: unknown[]): object => withGroup({ tasks: [changed] });
  const [id, version, observed, address, port] = row;

  it.each<[string, object | string, string]>([
    ['text', SECRET, 'not JSON'],
    ['a list', [SECRET], 'the message itself'],
    ['another format', { ...valid, v: 2 }, 'v'],
    ['no cluster', { ...valid, cluster: undefined }, 'cluster'],
    [
      'an address that is a host name',
      withRow(id, version, observed, `${SECRET}.internal`, port),
      'upserts.0.tasks.0.3',
    ],
    ['an address with a port', withRow(id, version, observed, '10.0.0.1:80', port), 'upserts.0.tasks.0.3'],
    ['port 0', withRow(id, version, observed, address, 0), 'upserts.0.tasks.0.4'],
    ['a port too high', withRow(id, version, observed, address, 65_536), 'upserts.0.tasks.0.4'],
    ['a port that is text', withRow(id, version, observed, address, SECRET), 'upserts.0.tasks.0.4'],
    [
      'a port too many',
      withRow(id, version, observed, address, port, port),
      `task ${idOf(1)} has 2 ports for 1 targets`,
    ],
    ['no port', withRow(id, version, observed, address), `task ${idOf(1)} has 0 ports for 1 targets`],
    ['a task id that is a path', withRow(`../${SECRET}`, version, observed, address, port), 'upserts.0.tasks.0.0'],
    ['a version below zero', withRow(id, -1, observed, address, port), 'upserts.0.tasks.0.1'],
    ['a fraction of a second', withRow(id, version, 0.5, address, port), 'upserts.0.tasks.0.2'],
    ['a label name that Prometheus does not take', withGroup({ labels: { [`${SECRET}-`]: 'x' } }), 'upserts.0.labels'],
    ['a label that Prometheus keeps to itself', withGroup({ labels: { __address__: SECRET } }), 'upserts.0.labels'],
    ['a label that is no text', withGroup({ labels: { [SECRET]: 5 } }), 'upserts.0.labels'],
    ['labels that are a list', withGroup({ labels: [SECRET] }), 'upserts.0.labels'],
    ['such a label of a target', withGroup({ targets: [{ [SECRET]: 5 }] }), 'upserts.0.targets.0'],
    ['a group without targets', withGroup({ targets: [] }), 'upserts.0.targets'],
    ['a stop without version', { ...valid, stopped: [[SECRET]] }, 'stopped.0'],
    ['a deselection of what is no task', { ...valid, deselected: [[`/${SECRET}`, 1, 1]] }, 'deselected.0.0'],
    ['a negative shard', { ...valid, written: [{ shard: -1, shards: 1, version: 1 }] }, 'written.0.shard'],
  ])('%s is refused, and not quoted', (_, message, problem) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    expect(() => decodeAnnouncement(body)).toThrow(MalformedAnnouncement);
    expect(() => decodeAnnouncement(body)).toThrow(problem);
    expect(() => decodeAnnouncement(body)).not.toThrow(SECRET);
  });

  it('with a label that would change every object is refused', () => {
    const body = JSON.stringify(valid).replace('"cluster":"prod"', '"__proto__":"x"');
    expect(() => decodeAnnouncement(body)).toThrow(MalformedAnnouncement);
  });

  it('is refused or read, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeAnnouncement(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAnnouncement);
        }
      }),
    );
  });
});
