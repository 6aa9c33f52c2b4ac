import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTOR_ROOT, LOG_ROOT, PROJECT_ROOT } from '../paths.ts';
import { findProgram, MissingProgramError } from '../process/find-program.ts';
import { makeOnce } from '../process/make-once.ts';
import { canRun, run } from '../process/run.ts';

/** The Go module of an OpenTelemetry Collector with the deployed pipeline's components. */
const MODULE = join(PROJECT_ROOT, 'containers/collector/otelcol');

export interface GoProgram {
  /** What its binaries are called. */
  readonly name: string;
  /** Its folder in the module. */
  readonly folder: string;
  /** On top of {@link MODULE}'s `go.mod` and `go.sum`: what decides whether a binary is up to date. */
  readonly sources: readonly string[];
  readonly tags: readonly string[];
}

/**
 * Without the discoveries of a dozen clouds, which the pipeline does not use (Prometheus' README, "Service discovery
 * plugins"; file_sd, static and http_sd stay): a third less to compile, half the size.
 */
const WITHOUT_CLOUDS = 'remove_all_sd';

export const COLLECTOR: GoProgram = {
  name: 'otelcol',
  folder: '.',
  sources: ['main.go'],
  tags: [WITHOUT_CLOUDS],
};

/** The collector with the ECS observer. A program apart, since that takes a minute more to build. */
export const OBSERVING_COLLECTOR: GoProgram = {
  name: 'otelcol-peers',
  folder: '.',
  sources: ['main.go', 'peers.go'],
  tags: [WITHOUT_CLOUDS, 'peers'],
};

/** Prometheus' discovery manager with its ECS discovery. */
export const PROMETHEUS_DISCOVERY: GoProgram = {
  name: 'prometheus-discovery',
  folder: './prometheus-discovery',
  sources: ['prometheus-discovery/main.go'],
  tags: [WITHOUT_CLOUDS],
};

const buildArguments = ({ tags }: GoProgram) => ['build', `-tags=${tags.join(',')}`, '-trimpath', '-ldflags=-s -w'];

/** Where the binary of the sources as they are is, or will be: other sources are another file. */
const binaryOf = async (program: GoProgram): Promise<string> => {
  const hash = createHash('sha256').update(buildArguments(program).join(' '));
  for (const file of ['go.mod', 'go.sum', ...program.sources]) hash.update(await readFile(join(MODULE, file)));
  return join(COLLECTOR_ROOT, `${program.name}-${hash.digest('hex').slice(0, 12)}`);
};

/** The version of a Go module that the programs contain, as `go.mod` says. */
export const moduleVersion = async (path: string): Promise<string> => {
  const line = (await readFile(join(MODULE, 'go.mod'), 'utf8'))
    .split('\n')
    .find((text) => text.startsWith(`\t${path} `));
  const version = line?.split(' ')[1];
  if (version === undefined) throw new Error(`There is no ${path} in the go.mod of the collector.`);
  return version.replace(/^v/, '');
};

/**
 * The binary of a program, built when it is not there yet or cannot run: five to ten minutes on two cores for the first
 * time on a machine, seconds when Go's own caches are warm. One process builds, the others wait for it.
 *
 * @param report - told once that it builds or waits, for whoever wonders why nothing happens.
 * @param signal - ends the build or the wait.
 * @throws MissingProgramError without Go, ProgramFailedError with the last lines of `go build`.
 */
export const buildCollector = async (
  report: (line: string) => void = () => {},
  signal?: AbortSignal,
  program: GoProgram = COLLECTOR,
): Promise<string> => {
  const binary = await binaryOf(program);
  const build = async (aside: string): Promise<void> => {
    if ((await findProgram('go')) === undefined) throw new MissingProgramError('There is no Go on the PATH.');
    report(
      `Building ${program.name} with Go: five to ten minutes the first time on a machine, then it is kept in .local/collector.`,
    );
    // What else runs meanwhile, such as tests, comes first.
    await run('nice', ['-n', '10', 'go', ...buildArguments(program), '-o', aside, program.folder], {
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
