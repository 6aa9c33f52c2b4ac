/** An AWS service of the simulation: answers a command at once, as of now, or throws as the SDK would. */
export interface SimulatedService {
  /** @param command name of the operation, such as `PutParameter` */
  handle(command: string, input: Input): unknown;
}

export type Input = Readonly<Record<string, unknown>>;

/** What all of them need to know of the world. */
export interface Surroundings {
  now(): number;
  after(milliseconds: number, action: () => void): void;
  /** By how many milliseconds a read lags behind, drawn anew for each. */
  lag(): number;
}
