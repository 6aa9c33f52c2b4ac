import * as files from 'node:fs/promises';

/** What target-sync does with files, so that a test can make the disk full or take a permission away. */
export type FileSystem = Pick<typeof files, 'chmod' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm'>;

export const systemFiles: FileSystem = files;
