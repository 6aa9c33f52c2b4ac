/** The command line in one file; `bin/` starts it where the sources are not there. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { PACKAGE_ROOT } from './package-root.ts';
import { writeIfChanged } from './write-if-changed.ts';

const COMMAND_LINE = join(PACKAGE_ROOT, 'dist', 'cli', 'ecs-prometheus-discovery.cjs');

/**
 * With the SDK inside: as dependencies its clients would be 50 MB in every app that only deploys the constructs.
 *
 * @returns the paths of the sources in it, relative to the root, those in `node_modules` too
 * @throws Error from esbuild, which has printed what is wrong in which line
 */
export async function buildCommandLine(): Promise<string[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PACKAGE_ROOT,
    entryPoints: ['infra/cli/main.ts'],
    outfile: COMMAND_LINE,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    // The SDK's commands are told apart by their names.
    keepNames: true,
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  await Promise.all(outputFiles.map(({ path, contents }) => writeIfChanged(path, contents)));
  return Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
}
