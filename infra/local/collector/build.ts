import { createHash } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { COLLECTOR_ROOT, LOG_ROOT, PROJECT_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';

/** The Go module of an OpenTelemetry Collector with the deployed pipeline's components. */
const MODULE = join(PROJECT_ROOT, 'containers/collector/otelcol');

/** What decides whether a binary is up to date. */
const SOURCES = ['go.mod', 'go.sum', 'main.go'];

/** A builder says with this period (milliseconds) that it is still at it; one that is silent for longer is dead. */
const SIGN_OF_LIFE = 2_000;
const DEAD_AFTER = 30_000;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Where the binary of the sources as they are is, or will be: other sources are another file. */
export const collectorBinary = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of SOURCES) hash.update(await readFile(join(MODULE, file)));
  return join(COLLECTOR_ROOT, `otelcol-${hash.digest('hex').slice(0, 12)}`);
};

/** Takes the lock file, or says that somebody else has it. */
const takeLock = async (lock: string): Promise<boolean> => {
  try {
    const file = await open(lock, 'wx');
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const touched = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  // Two who wait may both find it dead and build both: slow, but each has a file of its own, so nothing breaks.
  if (Date.now() - touched > DEAD_AFTER) await rm(lock, { force: true });
  return false;
};

const build = async (binary: string): Promise<void> => {
  const aside = `${binary}.${process.pid}`;
  try {
    await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', aside, '.'], {
      // The person's own environment: their proxy and caches. Two packages at a time leave room on a small machine.
      environment: { ...process.env, GOFLAGS: [process.env['GOFLAGS'], '-p=2'].filter(Boolean).join(' ') },
      directory: MODULE,
      log: join(LOG_ROOT, 'collector-build.log'),
    });
    await rename(aside, binary);
  } finally {
    await rm(aside, { force: true });
  }
};

/**
 * The collector's binary, built when it is not there yet: 6 to 10 minutes on two cores for the first time on a
 * machine, seconds when Go's own caches are warm. One process builds, the others wait for it.
 *
 * @param report - told once that it builds or waits, for whoever wonders why nothing happens.
 * @throws ProgramFailedError with the last lines of `go build`, or when Go is missing.
 */
export const buildCollector = async (report: (line: string) => void = () => {}): Promise<string> => {
  const binary = await collectorBinary();
  const lock = `${binary}.lock`;
  await mkdir(COLLECTOR_ROOT, { recursive: true });
  for (let waited = false; !(await exists(binary)); waited = true) {
    if (!(await takeLock(lock))) {
      if (!waited) report('The collector is being built by another process: waiting for it.');
      await sleep(500);
      continue;
    }
    report('Building the collector: 6 to 10 minutes the first time on a machine, kept below .local/collector.');
    const alive = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => {}), SIGN_OF_LIFE);
    try {
      if (!(await exists(binary))) await build(binary);
    } finally {
      clearInterval(alive);
      await rm(lock, { force: true });
    }
  }
  return binary;
};
