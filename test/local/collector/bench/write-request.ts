/** Reads `prometheus.WriteRequest`, version 1 (prometheus/prompb/remote.proto and types.proto). */

export interface WrittenSeries {
  readonly labels: ReadonlyMap<string, string>;
  readonly values: readonly number[];
}

interface Field {
  readonly number: number;
  /** Of a length-delimited field; of a double, its eight bytes; empty for a varint. */
  readonly bytes: Buffer;
}

/** The fields of one message, in their order. */
function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (bytes: number): Buffer => {
    at += bytes;
    if (at > message.length) throw new RangeError('a message is cut short');
    return message.subarray(at - bytes, at);
  };
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    const number = Math.floor(key / 8);
    if (wire === 0) {
      varint();
      yield { number, bytes: take(0) };
    } else if (wire === 1) yield { number, bytes: take(8) };
    else if (wire === 2) yield { number, bytes: take(varint()) };
    else if (wire === 5) yield { number, bytes: take(4) };
    else throw new RangeError(`wire type ${wire} is not in use`);
  }
}

const TIMESERIES = 1;
const LABELS = 1;
const SAMPLES = 2;
const NAME = 1;
const VALUE = { ofLabel: 2, ofSample: 1 } as const;

/** @throws RangeError for what is no such message */
export function* writtenSeries(request: Buffer): Generator<WrittenSeries> {
  for (const { number, bytes } of fields(request)) {
    if (number !== TIMESERIES) continue;
    const labels = new Map<string, string>();
    const values: number[] = [];
    for (const part of fields(bytes)) {
      if (part.number === LABELS) {
        const label = new Map([...fields(part.bytes)].map((field) => [field.number, field.bytes.toString()]));
        labels.set(label.get(NAME) ?? '', label.get(VALUE.ofLabel) ?? '');
      } else if (part.number === SAMPLES) {
        // A value of zero is left out on the wire.
        const value = [...fields(part.bytes)].find((field) => field.number === VALUE.ofSample);
        values.push(value === undefined ? 0 : value.bytes.readDoubleLE());
      }
    }
    yield { labels, values };
  }
}
