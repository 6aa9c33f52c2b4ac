export const INVARIANTS = [
  'convergence',
  'nothing vanishes',
  'nothing returns',
  'isolation',
  'ownership',
  'atomicity',
  'quiet',
  'bounded',
] as const;

export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly time: number;
  readonly what: string;
  readonly taskId?: string;
}

export type Blame = (invariant: Invariant, what: string, taskId?: string) => void;
