import { createHash } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { EMPTY_SHARD, type Shard } from '../../../../functions/discovery/shard/shard.ts';
import {
  decodeShard,
  EMPTY_SHARD_DOCUMENT,
  encodeShard,
  PARAMETER_BYTES,
  UnreadableShard,
} from '../../../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../../../functions/discovery/task/task.ts';
import {
  anyShard,
  contentOf,
  deselected,
  noise,
  OBSERVED,
  shardOf,
  stopped,
  targets,
} from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const NO_LIMIT = 1 << 20;
const { Standard, Advanced } = PARAMETER_BYTES;

const encoded = (shard: Parameters<typeof encodeShard>[0]['shard'], limit: number, base = 7): string => {
  const text = encodeShard({ base, shard }, limit);
  if (text === undefined) throw new Error(`does not fit ${limit} bytes`);
  return text;
};

/** Fargate tasks of one service with ids and addresses without a pattern, observed within ten minutes. */
const fleet = (size: number): Shard => {
  const tasks = Array.from({ length: size }, (_, number) => {
    const digits = createHash('sha256').update(String(number)).digest();
    const [a = 0, b = 0, c = 0, version = 0] = digits.subarray(16);
    const taskId = digits.subarray(0, 16).toString('hex') as TaskId;
    const observed = OBSERVED - (digits.readUInt16BE(20) % 600);
    return { targets: targets(0, { taskId, version: 3 + (version % 5), address: `10.${a}.${b}.${c}` }), observed };
  });
  return { tasks: new Map(tasks.map((it) => [it.targets.taskId, it])), removed: new Map() };
};

describe('a shard document', () => {
  it('is read as it was written, whatever the labels hold', () => {
    fc.assert(
      fc.property(anyShard, fc.nat(), (shard, base) => {
        const decoded = decodeShard(encoded(shard, NO_LIMIT, base));
        expect(decoded.base).toBe(base);
        expect(contentOf(decoded.shard)).toEqual(contentOf(shard));
      }),
    );
  });

  it('is read as it was written when it is compressed', () => {
    fc.assert(
      fc.property(anyShard, (shard) => {
        const plain = encoded(shard, NO_LIMIT);
        const packed = encodeShard({ base: 7, shard }, Buffer.byteLength(plain) - 1);
        if (packed === undefined) return;
        expect(packed).toMatch(/^br:[A-Za-z0-9+/]+=*$/);
        expect(contentOf(decodeShard(packed).shard)).toEqual(contentOf(shard));
      }),
    );
  });

  it('never holds what SSM takes for a reference', () => {
    fc.assert(fc.property(anyShard, (shard) => expect(encoded(shard, NO_LIMIT)).not.toContain('{{')));
    const braces = shardOf([targets(1, { labels: { job: '{{{{ssm:/secret}}{{{' } })]);
    expect(encoded(braces, NO_LIMIT)).not.toContain('{{');
    expect(contentOf(decodeShard(encoded(braces, NO_LIMIT)).shard)).toEqual(contentOf(braces));
  });

  it('fits its limit in bytes, not characters, or is not made', () => {
    fc.assert(
      fc.property(anyShard, fc.integer({ min: 1, max: 3000 }), (shard, limit) => {
        const text = encodeShard({ base: 7, shard }, limit);
        if (text !== undefined) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      }),
    );
    const wide = noise(1, 1900).replaceAll(/./gs, (character) =>
      String.fromCharCode(0x4e00 + 97 * character.charCodeAt(0)),
    );
    const shard = shardOf([targets(1, { labels: { job: wide } })]);
    const { length } = encoded(shard, NO_LIMIT);
    for (const limit of [length, 2 * length]) {
      expect(Buffer.byteLength(encodeShard({ base: 7, shard }, limit) ?? '')).toBeLessThanOrEqual(limit);
    }
  });

  it('is the same bytes in whatever order the shard was filled', () => {
    fc.assert(
      fc.property(anyShard, ({ tasks, removed }) => {
        const reversed = { tasks: new Map([...tasks].reverse()), removed: new Map([...removed].reverse()) };
        expect(encoded(reversed, NO_LIMIT)).toBe(encoded({ tasks, removed }, NO_LIMIT));
      }),
    );
    const { tasks, removed } = fleet(30);
    expect(encoded({ tasks: new Map([...tasks].reverse()), removed }, NO_LIMIT)).toBe(
      encoded({ tasks, removed }, NO_LIMIT),
    );
  });

  it('can be read by a person while it fits', () => {
    const removed = { [idOf(8)]: deselected(OBSERVED - 10), [idOf(9)]: stopped(OBSERVED + 20) };
    const shard = shardOf([targets(1), targets(2, { version: 4 })], removed);
    expect(JSON.parse(encoded(shard, Standard))).toEqual({
      v: 1,
      base: 7,
      at: OBSERVED + 20,
      groups: [
        {
          labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
          targets: [{ __metrics_path__: '/metrics' }],
          tasks: [
            [idOf(1), 1, 3580, '10.0.0.1', 3000],
            [idOf(2), 4, 3580, '10.0.0.2', 3000],
          ],
        },
      ],
      removed: [
        [idOf(8), 5, 3570, 0],
        [idOf(9), 5, 3600, 1],
      ],
    });
  });

  it.each([
    [0, true],
    [3599, true],
    [3600, false],
    [90_000, false],
  ])(
    'tells observations of one hour apart: whether one of %i s before the newest comes back is %p',
    (age, comesBack) => {
      const before = { ...shardOf([targets(1)], {}, OBSERVED - age), removed: shardOf([], { a: stopped() }).removed };
      const task = decodeShard(encoded(before, NO_LIMIT)).shard.tasks.get(idOf(1));
      expect(task?.observed).toBe(comesBack ? OBSERVED - age : 0);
    },
  );

  it('stays JSON where that is the shorter text', () => {
    const shard = shardOf([targets(1, { labels: { job: noise(1, 3500) } })]);
    const text = encodeShard({ base: 7, shard }, 4096);
    expect(text).toMatch(/^\{/);
    expect(decodeShard(text ?? '')).toEqual({ base: 7, shard });
  });

  it('is compressed before it looks nearly full', () => {
    const sizes = Array.from({ length: 30 }, (_, index) => 5 * (index + 1));
    const texts = sizes.flatMap((size) => encodeShard({ base: 7, shard: fleet(size) }, Standard) ?? []);
    const [readable, packed] = [
      texts.filter((text) => text.startsWith('{')),
      texts.filter((text) => text.startsWith('br:')),
    ];
    expect(Math.max(...readable.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(Standard / 2);
    expect(Math.max(...packed.map((text) => Buffer.byteLength(text)))).toBeGreaterThan(Standard * 0.85);
  });

  it('is made of nothing but an empty shard at first', () => {
    expect(decodeShard(EMPTY_SHARD_DOCUMENT)).toEqual({ base: 0, shard: EMPTY_SHARD });
    expect(encoded(EMPTY_SHARD, Standard, 0)).toBe(EMPTY_SHARD_DOCUMENT);
  });

  it('takes at most 48 bytes a target, of 80 tasks and of a full parameter', () => {
    expect(encoded(fleet(80), Standard).length / 80).toBeLessThanOrEqual(48);
    let fits = 0;
    for (let size = 80; encodeShard({ base: 7, shard: fleet(size) }, Standard) !== undefined; size += 5) fits = size;
    expect(Standard / fits).toBeLessThanOrEqual(48);
    expect(encodeShard({ base: 7, shard: fleet(2 * fits) }, Standard)).toBeUndefined();
    expect(encodeShard({ base: 7, shard: fleet(2 * fits) }, Advanced)).toBeDefined();
  });
});

describe('a parameter that holds something else', () => {
  const document = JSON.parse(encoded(shardOf([targets(1)], { [idOf(2)]: stopped() }), Standard)) as Record<
    string,
    unknown
  >;
  const [group] = document['groups'] as Record<string, unknown>[];
  const withGroup = (changes: object) => JSON.stringify({ ...document, groups: [{ ...group, ...changes }] });
  const packed = (bytes: Buffer | string) => `br:${brotliCompressSync(bytes).toString('base64')}`;

  it.each([
    ['nothing', ''],
    ['text', 'ecs-services'],
    ['a list', '[]'],
    ['a document of a later format', JSON.stringify({ ...document, v: 2 })],
    ['no base', JSON.stringify({ ...document, base: undefined })],
    ['a base below zero', JSON.stringify({ ...document, base: -1 })],
    ['a cut document', JSON.stringify(document).slice(0, -5)],
    ['a label that is no text', withGroup({ labels: { cluster: 1 } })],
    ['no time', JSON.stringify({ ...document, at: undefined })],
    ['a label that Prometheus keeps to itself', withGroup({ labels: { __address__: 'x' } })],
    ['a row without address', withGroup({ tasks: [[idOf(1), 1, 0]] })],
    ['a row whose address is a name', withGroup({ tasks: [[idOf(1), 1, 0, 'localhost', 1]] })],
    ['a row with a port that there is not', withGroup({ tasks: [[idOf(1), 1, 0, '10.0.0.1', 65_536]] })],
    ['a row with a port too few', withGroup({ tasks: [[idOf(1), 1, 0, '10.0.0.1']] })],
    ['a row with a port too many', withGroup({ tasks: [[idOf(1), 1, 0, '10.0.0.1', 1, 2]] })],
    ['a removal without its kind', JSON.stringify({ ...document, removed: [[idOf(2), 1, 0]] })],
    ['something that does not unpack', 'br:AAAA'],
    ['something packed that is no document', packed('[]')],
    ['something cut that was packed', packed(JSON.stringify(document)).slice(0, -12)],
  ])('%s is refused', (_, text) => {
    expect(() => decodeShard(text)).toThrow(UnreadableShard);
  });

  it('cannot blow up the memory of its reader', () => {
    const bomb = packed(EMPTY_SHARD_DOCUMENT + ' '.repeat(8 << 20));
    expect(bomb.length).toBeLessThan(Advanced);
    expect(() => decodeShard(bomb)).toThrow(UnreadableShard);
  });

  it('is refused with the names of what is wrong', () => {
    expect(() => decodeShard(JSON.stringify({ ...document, base: 'x', removed: 1 }))).toThrow(
      'not a shard document: missing or wrong base, removed',
    );
  });

  it('is refused or read, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string().map(packed)), (text) => {
        try {
          decodeShard(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableShard);
        }
      }),
    );
  });
});
