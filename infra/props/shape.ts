/**
 * The kinds of shapes that a setting or a property can have. Each reads what CDK context hands over, a string from
 * `-c key=value` or any JSON value from `cdk.json`, and what an app gives a construct.
 */

/** Reads a raw context value, or throws a {@link BadValue} that says what would be valid. */
export interface Shape<T> {
  (raw: unknown): T;
  /** What is valid, in words; also for `docs/settings.md`. */
  readonly accepts: string;
}

/** A shape of one's own. */
export const shape = <T>(accepts: string, read: (raw: unknown) => T): Shape<T> => Object.assign(read, { accepts });

/** A value that a setting does not accept; the message completes the sentence `<setting> …`. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

const show = (raw: unknown): string => (typeof raw === 'string' ? `'${raw}'` : JSON.stringify(raw));

/** A string that matches the pattern; `accepts` says the pattern in words. */
export const text = (pattern: RegExp, accepts: string): Shape<string> =>
  shape(accepts, (raw) => {
    if (typeof raw === 'string' && pattern.test(raw.trim())) return raw.trim();
    throw new BadValue(`must be ${accepts}, not ${show(raw)}`);
  });

/** A whole number, as a number or in digits. */
export function wholeNumber(minimum: number, maximum: number): Shape<number> {
  const accepts = `a whole number from ${minimum} to ${maximum}`;
  return shape(accepts, (raw) => {
    const value = typeof raw === 'string' && /^\d+$/.test(raw.trim()) ? Number(raw) : raw;
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new BadValue(`must be ${accepts}, not ${show(raw)}`);
  });
}

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Shape<T> {
  const accepts = words.join(' or ');
  return shape(accepts, (raw) => {
    const found = words.find((word) => word === raw);
    if (found !== undefined) return found;
    throw new BadValue(`must be ${accepts}, not ${show(raw)}`);
  });
}

/** `true` or `false`, as a boolean or in words. */
export const flag: Shape<boolean> = shape('true or false', (raw) => {
  if (raw === true || raw === 'true') return true;
  if (raw === false || raw === 'false') return false;
  throw new BadValue(`must be true or false, not ${show(raw)}`);
});

/** Several values of one shape: a JSON array, or words with commas between them. `accepts` says so in words. */
export const list = <T>(item: Shape<T>, accepts: string): Shape<readonly T[]> =>
  shape(accepts, (raw) => {
    const items = typeof raw === 'string' ? raw.split(',').filter((word) => word.trim() !== '') : raw;
    if (!Array.isArray(items)) throw new BadValue(`must be a list, not ${show(raw)}`);
    const values = items.map((one) => item(one));
    const shown = values.map((value) => JSON.stringify(value));
    const twice = values.find((_, index) => shown.indexOf(shown[index] ?? '') !== index);
    if (twice !== undefined) throw new BadValue(`names ${show(twice)} twice`);
    return values;
  });
