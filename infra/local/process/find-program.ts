import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Path of the first program of that name on the PATH; undefined when there is none. */
export const findProgram = async (name: string): Promise<string | undefined> => {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
};

/** A program that this needs is not on this machine and cannot be fetched. The message says how to get it. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError';
}
