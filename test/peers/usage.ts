/** CPU and memory of processes, their children included, as Linux counts them (proc(5)). */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Of USER_HZ: 100 a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const EVERY = 500;

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

export interface Usage {
  readonly cpuSeconds: number;
  /** Most memory at any time, of all its processes together. */
  readonly peakMiB: number;
}

export interface UsageMeter {
  /** Of the processes so far, also of those that have ended. */
  readonly usage: () => Usage;
  readonly stop: () => Promise<void>;
}

/** Which processes count: all below `root`, or only those that run a program. */
export interface Metered {
  readonly root: () => number;
  readonly program?: string;
}

const stateOf = async (pid: string): Promise<ProcessState | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 22) return undefined;
  const at = (index: number): number => Number(fields[index]);
  const cpuSeconds = (at(11) + at(12)) / TICKS_PER_SECOND;
  return { pid: Number(pid), parent: at(1), cpuSeconds, bytes: at(21) * PAGE_BYTES };
};

const family = async ({ root, program }: Metered): Promise<ProcessState[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(pids.map(stateOf))).filter((state) => state !== undefined);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const below = (pid: number): ProcessState[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  const own = [...all.filter(({ pid }) => pid === root()), ...below(root())];
  if (program === undefined) return own;
  const programs = await Promise.all(own.map(({ pid }) => readlink(`/proc/${pid}/exe`).catch(() => '')));
  return own.filter((_, index) => basename(programs[index] ?? '') === program);
};

/** Looks twice a second. What a process does between the last look and its end is not seen. */
export const meterUsage = async (metered: Metered): Promise<UsageMeter> => {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  let peak = 0;
  const look = async (isFirst: boolean): Promise<void> => {
    const processes = await family(metered);
    for (const { pid, cpuSeconds } of processes) {
      if (isFirst) first.set(pid, cpuSeconds);
      last.set(pid, cpuSeconds);
    }
    peak = Math.max(
      peak,
      processes.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  };
  await look(true);
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(() => look(false));
  }, EVERY);
  return {
    usage: () => ({
      cpuSeconds: [...last].reduce((sum, [pid, seconds]) => sum + seconds - (first.get(pid) ?? 0), 0),
      peakMiB: peak / 2 ** 20,
    }),
    stop: async () => {
      clearInterval(timer);
      await looking;
      await look(false);
    },
  };
};
