/** A dead-letter queue: where messages end that were received too often, or that code put aside. */

export interface DeadLetter {
  readonly body: string;
  /** The message attribute `reason`; absent where the number of receives brought it here. */
  readonly reason?: string;
}

export class DeadLetters {
  readonly url: string;
  readonly letters: DeadLetter[] = [];
  onLetter: (letter: DeadLetter) => void = () => {};

  constructor(url: string) {
    this.url = url;
  }

  add(letter: DeadLetter): void {
    this.letters.push(letter);
    this.onLetter(letter);
  }
}
