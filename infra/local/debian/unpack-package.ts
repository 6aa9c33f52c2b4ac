import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';

/** What is unpacked of the packages that one depends on. */
export type Needs =
  /** Those whose names start so. */
  | readonly string[]
  /** All that this machine lacks, as `apt-get install` would add them. */
  | 'what this machine lacks';

export interface WantedPackage {
  readonly package: string;
  /** Absent: nothing. */
  readonly needs?: Needs;
}

type AptGet = (...arguments_: readonly string[]) => Promise<string>;

/** Runs apt-get in a folder; with lists of its own when the system's are empty, which needs no root. */
const aptGetIn = (folder: string, log: string, signal: AbortSignal | undefined): AptGet => {
  const options = { environment: process.env, directory: folder, log, signal };
  // The folder is the person's own, which APT's own user cannot write to.
  const asMyself = ['-oAPT::Sandbox::User=', '-oAcquire::Retries=3'];
  const own = [...asMyself, `-oDir::State::lists=${folder}/apt/lists`, `-oDir::Cache=${folder}/apt`];
  let updated: Promise<string> | undefined;
  const update = async (): Promise<string> => {
    await mkdir(join(folder, 'apt/lists/partial'), { recursive: true });
    return run('apt-get', [...own, 'update'], options);
  };
  return async (...arguments_) => {
    if (updated === undefined) {
      try {
        return await run('apt-get', [...asMyself, ...arguments_], options);
      } catch {
        signal?.throwIfAborted();
        updated = update();
      }
    }
    await updated;
    return run('apt-get', [...own, ...arguments_], options);
  };
};

/** Names of the packages that `apt-get install` would add, from lines such as `'http://…' name_1.2-3_amd64.deb 123 …`. */
const lacking = async (aptGet: AptGet, name: string): Promise<string[]> => {
  const said = await aptGet('install', '--no-install-recommends', '--yes', '--print-uris', name);
  return [...said.matchAll(/^'[^']+' ([^_ ]+)_/gm)].map(([, found = '']) => found);
};

/** Names of the packages that an archive says it depends on: of `a (>= 2) | b, c` the names `a` and `c`. */
const dependencies = async (archive: string): Promise<string[]> => {
  const said = await run('dpkg-deb', ['-f', archive, 'Depends'], { environment: process.env });
  return said
    .split(',')
    .map((one) => one.trim().split(/[ |:]/, 1)[0] ?? '')
    .filter((name) => name !== '');
};

/** Unpacks a package, and what it needs, into a folder that is not there yet; nothing is installed. */
export const unpackPackage = async (
  { package: wanted, needs = [] }: WantedPackage,
  folder: string,
  signal?: AbortSignal,
): Promise<void> => {
  const log = join(LOG_ROOT, `${wanted}-install.log`);
  const archives = `${folder}.archives`;
  const aptGet = aptGetIn(archives, log, signal);
  const isNeeded = (name: string) => typeof needs !== 'string' && needs.some((start) => name.startsWith(start));
  const unpacked = new Set<string>();
  const asked = new Set<string>();
  try {
    await mkdir(archives, { recursive: true });
    let names = new Set([wanted, ...(typeof needs === 'string' ? await lacking(aptGet, wanted) : [])]);
    while (names.size > 0) {
      for (const name of names) asked.add(name);
      await aptGet('download', ...names);
      const next = new Set<string>();
      for (const file of (await readdir(archives)).filter((it) => it.endsWith('.deb') && !unpacked.has(it))) {
        const archive = join(archives, file);
        await run('dpkg-deb', ['-x', archive, folder], { environment: process.env, log });
        unpacked.add(file);
        for (const name of await dependencies(archive)) if (isNeeded(name)) next.add(name);
      }
      names = next.difference(asked);
    }
    if (unpacked.size === 0) throw new Error(`apt-get downloaded no package ${wanted}.`);
  } finally {
    await rm(archives, { recursive: true, force: true });
  }
};
