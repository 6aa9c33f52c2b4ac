/** Ports and ranges of ports, as in `3000,9100,32768-65535`. */
import type { PortRange } from '../constructs/collector/collector-security-group.ts';
import { BadValue, type Shape, shape } from './shape.ts';

/** One port, `3000` or the number, or a range, `32768-65535`. */
export const portRange: Shape<PortRange> = shape('a port or a range of ports', (raw) => {
  const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(String(raw)) ?? [];
  const range = { from: Number(first), to: Number(last) };
  if (range.from >= 1 && range.from <= range.to && range.to <= 65_535) return range;
  throw new BadValue(`must be ports from 1 to 65535 or ranges such as 32768-65535, not '${String(raw)}'`);
});
