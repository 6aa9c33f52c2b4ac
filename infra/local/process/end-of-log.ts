import { readFile } from 'node:fs/promises';

/** The last lines of a log; none where there is no log. */
export const endOfLog = async (log: string, lines: number): Promise<string> => {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
};
