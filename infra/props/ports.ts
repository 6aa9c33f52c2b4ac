/** Ports and ranges of ports, as in `3000,9100,32768-65535`. */
import { BadValue, list, type Shape, shape } from './shape.ts';

/** A range of TCP ports, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const MOST = 65_535;

/** One port, `3000` or the number, or a range, `32768-65535`. */
export const portRange: Shape<PortRange> = shape('a port or a range of ports', (raw) => {
  const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(String(raw)) ?? [];
  const range = { from: Number(first), to: Number(last) };
  if (range.from >= 1 && range.from <= range.to && range.to <= MOST) return range;
  throw new BadValue(`must be ports from 1 to ${MOST} or ranges such as 32768-65535, not '${String(raw)}'`);
});

const knownRange: Shape<PortRange> = shape('{ from, to }, ports from 1 to 65535', (raw) => {
  const { from, to } = (raw ?? {}) as PortRange;
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 1 && from <= to && to <= MOST) return { from, to };
  throw new BadValue(`must be { from, to }, with ports from 1 to ${MOST}, not ${JSON.stringify(raw)}`);
});

/** Ranges as constructs take them. */
export const PORT_RANGES = list(knownRange, 'a list of { from, to }');
