/** Somebody who waits for something slow that is done once on a machine. */
export interface Waiting {
  /** Told in a line what is being done, when it is. */
  readonly report?: (line: string) => void;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}
