/** An error as the SDK throws it: its name says what it is. */
export class AwsError extends Error {
  override readonly name: string;

  constructor(name: string, message = name) {
    super(message);
    this.name = name;
  }
}

export const throttled = (): AwsError => new AwsError('ThrottlingException', 'Rate exceeded');
