/** The targets that a discovery lists in the files of a folder, as they change. */
import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FLEET_PORT } from './fleet.ts';

export interface TargetList {
  readonly has: (target: string) => boolean;
  readonly size: () => number;
  /** Of these, the ones that are not listed. */
  readonly missing: (targets: Iterable<string>) => string[];
  /** Calls back after each reading that may differ; returns what ends that. */
  readonly onChange: (changed: () => void) => () => void;
  readonly stop: () => void;
}

/** Whatever the format: no other field of a file ends with the port. */
const TARGET = new RegExp(String.raw`\b127\.\d+\.\d+\.\d+:${FLEET_PORT}\b`, 'g');

/** @param isList whether a file of the folder is one that a scraper would read */
export const watchTargets = async (folder: string, isList: (name: string) => boolean): Promise<TargetList> => {
  const files = new Map<string, ReadonlySet<string>>();
  const listeners = new Set<() => void>();
  const reading = new Set<string>();
  const dirty = new Set<string>();

  const read = async (name: string): Promise<void> => {
    dirty.add(name);
    if (reading.has(name)) return;
    reading.add(name);
    while (dirty.delete(name)) {
      const content = await readFile(join(folder, name), 'utf8').catch(() => undefined);
      if (content === undefined) files.delete(name);
      else files.set(name, new Set(content.match(TARGET)));
      for (const listener of listeners) listener();
    }
    reading.delete(name);
  };

  const watcher = watch(folder, (_, name) => {
    if (name !== null && isList(name)) void read(name);
  });
  for (const name of await readdir(folder)) if (isList(name)) await read(name);

  const has = (target: string): boolean => files.values().some((targets) => targets.has(target));
  return {
    has,
    size: () => files.values().reduce((sum, targets) => sum + targets.size, 0),
    missing: (targets) => {
      const listed = new Set([...files.values()].flatMap((some) => [...some]));
      return [...targets].filter((target) => !listed.has(target));
    },
    onChange: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    stop: () => watcher.close(),
  };
};
