/** An answer to a GET request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parts that follow one another, each made when the one before it was sent. */
  readonly body: Iterable<string>;
}

export const json = (status: number, content: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: [`${JSON.stringify(content)}\n`],
});

export const text = (status: number, content: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: [`${content}\n`],
});
