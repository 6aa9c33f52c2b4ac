/**
 * Whether an event matches the pattern of a rule, by EventBridge's rules (Amazon EventBridge user guide, "Creating event
 * patterns" and "Comparison operators"), as far as this project's patterns use them: exact values, `$or`, `prefix`.
 */
// biome-ignore lint/suspicious/noExplicitAny: events and patterns are JSON of any form
type Json = any;

/** @throws Error for an operator that is not known here: it would seem to match */
export function matches(pattern: Json, event: Json): boolean {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new Error(`a pattern is an object, not ${JSON.stringify(pattern)}`);
  }
  return Object.entries<Json>(pattern).every(([name, wanted]) => {
    if (name === '$or') return wanted.some((alternative: Json) => matches({ ...alternative }, event));
    if (typeof event !== 'object' || event === null || !Object.hasOwn(event, name)) return false;
    return Array.isArray(wanted) ? holdsOne(wanted, event[name]) : matches(wanted, event[name]);
  });
}

/** A field that is a list matches where one of its elements does. */
const holdsOne = (wanted: readonly Json[], value: Json): boolean =>
  [value].flat().some((element) => wanted.some((one) => isLike(one, element)));

/** Values are compared as JSON writes them, letter by letter: `1` is not `"1"`. */
function isLike(wanted: Json, value: Json): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value;
  const [operator, ...more] = Object.keys(wanted);
  if (operator !== 'prefix' || more.length > 0) throw new Error(`the operator ${operator} is not known here`);
  return typeof value === 'string' && value.startsWith(wanted.prefix);
}
