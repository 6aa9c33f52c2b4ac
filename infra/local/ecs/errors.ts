/** An answer with the status 400 and the error's name, as ECS gives it. */
export class EcsError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const invalidParameter = (message: string): EcsError => new EcsError('InvalidParameterException', message);
