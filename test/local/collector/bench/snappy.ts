/** A block is cut short or refers to bytes that are not there. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
}

/** Bytes of a copy's offset by the two low bits of its tag (google/snappy, format_description.txt). */
const OFFSET_BYTES = [0, 1, 2, 4] as const;

/** Decompresses one Snappy block, as remote write sends it: without framing. @throws SnappyError */
export function snappyDecode(block: Buffer): Buffer {
  let at = 0;
  const little = (bytes: number): number => {
    if (at + bytes > block.length) throw new SnappyError('the block is cut short');
    const value = bytes === 0 ? 0 : block.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  const length = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = little(1);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const text = Buffer.alloc(length());
  let to = 0;
  while (at < block.length) {
    const tag = little(1);
    const high = tag >> 2;
    const kind = tag & 3;
    if (kind === 0) {
      const bytes = (high < 60 ? high : little(high - 59)) + 1;
      if (at + bytes > block.length || to + bytes > text.length) throw new SnappyError('a literal is too long');
      block.copy(text, to, at, at + bytes);
      at += bytes;
      to += bytes;
      continue;
    }
    const bytes = kind === 1 ? (high & 7) + 4 : high + 1;
    const offset = little(OFFSET_BYTES[kind as 1 | 2 | 3]) + (kind === 1 ? (high >> 3) << 8 : 0);
    if (offset === 0 || offset > to || to + bytes > text.length)
      throw new SnappyError('a copy of bytes that are not there');
    // Byte by byte: a copy may overlap itself, which repeats a pattern.
    for (const end = to + bytes; to < end; to++) text[to] = text[to - offset] as number;
  }
  if (to !== text.length) throw new SnappyError(`the block holds ${to} of ${text.length} bytes`);
  return text;
}
