/** Which docker label somebody meant who wrote one that is not read. */
import { nearest, plain } from '../nearest.ts';
import { LABEL_NAMES } from './docker-label-names.ts';

/** So few wrong letters are a slip of the pen. */
const SLIPS = 2;

/** Begins as ours do, is one of ours after a word in front, or is one of ours with a slip of the pen. */
export const looksLikeOurs = (label: string): boolean =>
  /^(ecs)?prometheus/.test(plain(label)) ||
  (/^[a-z]+_prometheus_/i.test(label) && LABEL_NAMES.some((name) => lastWord(name) === lastWord(label))) ||
  nearest(label, LABEL_NAMES, SLIPS) !== undefined;

/**
 * The one with the same last word, so that a port is not taken for a path, in the words of the same tool; else the one
 * that is a slip of the pen away.
 *
 * @param suffixed names with a suffix that would have an effect in the same container
 */
export function labelMeant(label: string, suffixed: readonly string[]): string | undefined {
  const known = [...LABEL_NAMES, ...suffixed];
  const alike = known.filter((name) => lastWord(name) === lastWord(label) && toolOf(name) === toolOf(label));
  return alike.length > 0 ? nearest(label, alike, label.length) : nearest(label, known, SLIPS);
}

const lastWord = (label: string): string | undefined =>
  label
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .at(-1);

/** Whose names they are: annotations, or the tools with labels that begin with `ECS_`, or without. */
const toolOf = (label: string): string => (/[./]/.test(label) ? 'annotation' : /^ecs/i.test(label) ? 'ecs' : '');
