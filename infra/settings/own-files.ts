/** Reads what a setting keeps in a file of the user, or in itself. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { BadValue } from '../props/shape.ts';

/** @throws BadValue */
export function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BadValue(`names the file ${resolve(path)}, which is not there or cannot be read`, { cause });
  }
}

export interface OwnValue {
  readonly value: unknown;
  /** What relative paths in it start from: the folder of the file, or the current one. */
  readonly folder: string;
}

/**
 * A value of JSON: as it is in `cdk.json`, as text, or in a file in YAML or JSON.
 *
 * @param opening how the value begins in text, where it is no path
 * @throws BadValue
 */
export function ownValue(raw: unknown, opening: '[' | '{'): OwnValue {
  if (typeof raw !== 'string') return { value: raw, folder: process.cwd() };
  const said = raw.trim();
  if (said.startsWith(opening)) return { value: parsed(said, 'it'), folder: process.cwd() };
  if (said === '') throw new BadValue('is empty: name a file, or leave it out');
  return { value: parsed(fileText(said), said), folder: dirname(resolve(said)) };
}

function parsed(text: string, what: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) throw new BadValue(`must be YAML or JSON; ${what} is not: ${error.message.split('\n')[0]}`);
  return document.toJS();
}
