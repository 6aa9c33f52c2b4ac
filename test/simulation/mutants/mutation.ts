/** A mechanism is found by its text, wherever its file is called now, and must be there exactly once. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Mutation {
  readonly find: string;
  readonly replace: string;
}

/** The code without this text. */
export const without = (find: string): Mutation => ({ find, replace: '' });

/** Tests, cheap ones, of which at least one must fail. */
export interface Killers {
  /** Files, or the beginnings of their paths, below `test/`. */
  readonly files: readonly string[];
  /** A regular expression on the full names of their tests; absent: all of them. */
  readonly named?: string;
}

export interface Mutant {
  /** What is missing. */
  readonly name: string;
  readonly mutations: readonly Mutation[];
  readonly killers: Killers;
}

export interface Place {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly mutated: string;
}

/** @throws Error where the text is not there, or more than once */
export function locate({ find, replace }: Mutation, root: string, folders: readonly string[]): Place {
  const hits = folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((it) => join(folder, it)),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const pieces = readFileSync(join(root, file), 'utf8').split(find);
      return pieces.length > 1 ? [{ file, count: pieces.length - 1, mutated: pieces.join(replace) }] : [];
    });
  const [hit] = hits;
  if (!hit || hits.length > 1 || hit.count > 1) {
    const where = hits.map(({ file, count }) => `${file} (${count})`).join(', ');
    throw new Error(`this text must be in the product exactly once, but is in: ${where || 'no file'}\n${find}`);
  }
  return hit;
}
