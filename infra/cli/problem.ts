/** Something that the person at the terminal has to know: what happened, to what, and what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** What to do, a sentence or more. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}
