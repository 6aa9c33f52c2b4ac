/** Tells a history to its end; in a process of its own (tellers.ts), or in this one. */
import fc from '../../fast-check.ts';
import { KINDS } from '../kinds.ts';
import { wireProduct } from '../product/product-pipeline.ts';
import { type StoryKind, stories } from '../stories.ts';
import { type Story, tellToTheEnd } from '../story.ts';

/** What a history is made from: the same again each time. */
export interface Origin {
  /** Of {@link KINDS}. */
  readonly kind: string;
  readonly seed: number;
}

function kindNamed(name: string): StoryKind {
  const kind = (KINDS as Readonly<Record<string, StoryKind>>)[name];
  if (!kind) throw new Error(`--kind must be one of: ${Object.keys(KINDS).join(', ')}`);
  return kind;
}

export const storyOf = ({ kind, seed }: Origin): Story =>
  fc.sample(stories(kindNamed(kind)), { seed, numRuns: 1 })[0] as Story;

/** @returns what went wrong; undefined where nothing did */
export async function divergence(origin: Origin): Promise<string | undefined> {
  const story = storyOf(origin);
  try {
    const simulation = await tellToTheEnd(story, wireProduct);
    return simulation.judge.violations.length > 0 ? simulation.explain() : undefined;
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  }
}
