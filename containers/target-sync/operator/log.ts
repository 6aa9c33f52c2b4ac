/** Fields of a log line; never an event's or a parameter's content. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** One line of structured log. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: LogFields) => void;

/** A log that writes each line as a JSON object, the fields of CloudWatch Logs Insights. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (level, message, fields = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
