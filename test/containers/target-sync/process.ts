import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { imageFolder } from '../../../infra/build/image-contexts.ts';
import { FLAGS } from './flags.ts';

const started = new Set<ChildProcess>();

// A test that fails half-way leaves no process behind, for which Jest would wait for ever.
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

/** A target-sync that runs as its container runs it. */
export interface TargetSyncProcess {
  readonly pid: number;
  /** Log lines so far, parsed. */
  readonly lines: () => Record<string, unknown>[];
  /** Waits until a log line has this message, and returns it. */
  readonly logged: (message: string) => Promise<Record<string, unknown>>;
  /** Sends a signal and answers with the exit code and the signal that ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<[number | null, NodeJS.Signals | null]>;
  readonly exit: Promise<[number | null, NodeJS.Signals | null]>;
}

export function startTargetSync(environment: Readonly<Record<string, string>>): TargetSyncProcess {
  const child = spawn(process.execPath, [...FLAGS, join(imageFolder('target-sync'), 'target-sync.cjs')], {
    env: { TARGET_SYNC_HEALTH_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const exit = once(child, 'close') as TargetSyncProcess['exit'];
  const lines = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    pid: child.pid ?? 0,
    lines,
    logged: (message) =>
      until(`the log line "${message}" in ${output}`, () => lines().find((line) => line['message'] === message)),
    end: (signal) => {
      child.kill(signal);
      return exit;
    },
    exit,
  };
}

/** Asks again and again until there is an answer, for twenty seconds at most. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((elapsed) => setTimeout(elapsed, 5));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Waits until a target file holds these addresses. */
export const untilTargets = (directory: string, file: string, ...addresses: string[]): Promise<true> =>
  until(`${file} with ${addresses.join(', ')}`, async () => {
    const content = await readFile(join(directory, file), 'utf8').catch(() => '[]');
    const groups = JSON.parse(content) as { targets: string[] }[];
    const found = groups.flatMap(({ targets }) => targets);
    return JSON.stringify(found.sort()) === JSON.stringify([...addresses].sort()) || undefined;
  });
