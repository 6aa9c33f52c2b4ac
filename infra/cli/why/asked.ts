import type { Selected } from '../../../functions/discovery/selection/select-endpoints.ts';
import { REJECTION_ADVICE } from './advice.ts';
import { failed, passed, type Step } from './explained-task.ts';

/** What one of the three asks for: what of it is right, and what is not. */
export function asked(step: string, says: readonly string[], { rejections }: Pick<Selected, 'rejections'>): Step[] {
  return [
    ...says.map((text, index) => passed(step, index === 0 ? `${text}  ← decides` : text)),
    ...rejections.map(({ reason, message }) => failed(step, message, REJECTION_ADVICE[reason])),
  ];
}
