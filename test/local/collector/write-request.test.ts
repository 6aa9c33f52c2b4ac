/** What the bench reads remote-write requests with. */
import { describe, expect, it } from '@jest/globals';
import { SnappyError, snappyDecode } from './bench/snappy.ts';
import { writtenSeries } from './bench/write-request.ts';

describe('a Snappy block', () => {
  it.each([
    ['of nothing', [0], ''],
    ['with a literal', [3, 0b1000, ...Buffer.from('abc')], 'abc'],
    [
      'with a literal whose length is a byte of its own',
      [61, 60 << 2, 60, ...Buffer.from('x'.repeat(61))],
      'x'.repeat(61),
    ],
    ['with a copy that overlaps itself', [8, 0b100, ...Buffer.from('ab'), 0b1001, 2], 'abababab'],
    ['with a copy whose offset takes two bytes', [6, 0b1000, ...Buffer.from('abc'), 0b1010, 3, 0], 'abcabc'],
    ['with a copy whose offset takes four bytes', [6, 0b1000, ...Buffer.from('abc'), 0b1011, 3, 0, 0, 0], 'abcabc'],
  ])('%s is decompressed', (_what, block, text) => {
    expect(snappyDecode(Buffer.from(block)).toString()).toBe(text);
  });

  it.each([
    ['is cut short', [3, 0b1000, 97]],
    ['copies what is not there', [4, 0b0001, 1]],
    ['holds less than it says', [9, 0b1000, 97, 98, 99]],
    ['holds more than it says', [1, 0b1000, 97, 98, 99]],
  ])('that %s is refused', (_what, block) => {
    expect(() => snappyDecode(Buffer.from(block))).toThrow(SnappyError);
  });
});

describe('a write request', () => {
  const delimited = (number: number, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const label = (name: string, value: string): Buffer =>
    delimited(1, Buffer.concat([delimited(1, Buffer.from(name)), delimited(2, Buffer.from(value))]));
  const sample = (value: number): Buffer => {
    const double = Buffer.alloc(8);
    double.writeDoubleLE(value);
    // A timestamp as a varint comes after it.
    return delimited(2, Buffer.concat([Buffer.from([1 * 8 + 1]), double, Buffer.from([2 * 8, 0x80, 0x01])]));
  };

  it('is read series by series; other fields are passed over', () => {
    const series = Buffer.concat([label('__name__', 'up'), label('job', 'ecs'), sample(1), sample(2.5)]);
    const metadata = delimited(3, Buffer.from([8, 1]));
    const request = Buffer.concat([delimited(1, series), metadata, delimited(1, delimited(2, Buffer.alloc(0)))]);
    expect([...writtenSeries(request)]).toEqual([
      {
        labels: new Map([
          ['__name__', 'up'],
          ['job', 'ecs'],
        ]),
        values: [1, 2.5],
      },
      { labels: new Map(), values: [0] },
    ]);
  });

  it('that is cut short is refused', () => {
    expect(() => [...writtenSeries(Buffer.from([10, 5, 1]))]).toThrow(RangeError);
  });
});
