import { delimiter, dirname } from 'node:path';

/** What a person's shell has, and not what the `npm test` around this test added. */
const ADDED_BY_NPM = /^npm_(?!config_(cache|registry|userconfig|globalconfig)$)/;

/** Environment for npm, with the Node that runs this first on the PATH and none of this project's own programs. */
export function npmEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ADDED_BY_NPM.test(entry[0]),
  );
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(inherited), PATH: [dirname(process.execPath), ...folders].join(delimiter) };
}
