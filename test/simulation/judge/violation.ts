export type Invariant =
  | 'convergence'
  | 'nothing vanishes'
  | 'nothing returns'
  | 'isolation'
  | 'ownership'
  | 'atomicity'
  | 'quiet';

export interface Violation {
  readonly invariant: Invariant;
  readonly time: number;
  readonly what: string;
  readonly taskId?: string;
}

export type Blame = (invariant: Invariant, what: string, taskId?: string) => void;
