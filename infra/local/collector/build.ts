import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTOR_ROOT, LOG_ROOT, PROJECT_ROOT } from '../paths.ts';
import { findProgram, MissingProgramError } from '../process/find-program.ts';
import { makeOnce } from '../process/make-once.ts';
import { canRun, run } from '../process/run.ts';

/** The Go module of an OpenTelemetry Collector with the deployed pipeline's components. */
const MODULE = join(PROJECT_ROOT, 'containers/collector/otelcol');

/** What decides whether a binary is up to date. */
const SOURCES = ['go.mod', 'go.sum', 'main.go'];

/**
 * Without the discoveries of a dozen clouds, which the pipeline does not use (Prometheus' README, "Service discovery
 * plugins"; file_sd, static and http_sd stay): a third less to compile, half the size.
 */
const BUILD = ['build', '-tags=remove_all_sd', '-trimpath', '-ldflags=-s -w'];

/** Where the binary of the sources as they are is, or will be: other sources are another file. */
const collectorBinary = async (): Promise<string> => {
  const hash = createHash('sha256').update(BUILD.join(' '));
  for (const file of SOURCES) hash.update(await readFile(join(MODULE, file)));
  return join(COLLECTOR_ROOT, `otelcol-${hash.digest('hex').slice(0, 12)}`);
};

/**
 * The collector's binary, built when it is not there yet or cannot run: five to ten minutes on two cores for the first time on a
 * machine, seconds when Go's own caches are warm. One process builds, the others wait for it.
 *
 * @param report - told once that it builds or waits, for whoever wonders why nothing happens.
 * @param signal - ends the build or the wait.
 * @throws MissingProgramError without Go, ProgramFailedError with the last lines of `go build`.
 */
export const buildCollector = async (
  report: (line: string) => void = () => {},
  signal?: AbortSignal,
): Promise<string> => {
  const binary = await collectorBinary();
  const build = async (aside: string): Promise<void> => {
    if ((await findProgram('go')) === undefined) throw new MissingProgramError('There is no Go on the PATH.');
    report(
      'Building it with Go: five to ten minutes the first time on a machine, then it is kept in .local/collector.',
    );
    // What else runs meanwhile, such as tests, comes first.
    await run('nice', ['-n', '10', 'go', ...BUILD, '-o', aside, '.'], {
      // The person's own environment: their proxy and caches. Two packages at a time leave room on a small machine.
      environment: { ...process.env, GOFLAGS: [process.env['GOFLAGS'], '-p=2'].filter(Boolean).join(' ') },
      directory: MODULE,
      log: join(LOG_ROOT, 'collector-build.log'),
      signal,
    });
  };
  const waiting = () => report('It is being built by another process: waiting for that.');
  await makeOnce(binary, build, { isWhole: () => canRun(binary), waiting, signal });
  return binary;
};
