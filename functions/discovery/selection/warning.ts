/** Something that is written and not understood: it hinders nothing, but its writer expects an effect. */
export interface Warning {
  /** For a person: what has no effect, where, and what was probably meant. */
  readonly message: string;
}

export const warn = (message: string): Warning => ({ message });
