/** Bundles what is deployed: the Lambda functions, and the programs of the container images. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { FUNCTION_ENTRIES, functionFolder } from './function-bundles.ts';
import { IMAGES, imageFolder } from './image-contexts.ts';
import { PACKAGE_ROOT } from './package-root.ts';
import { writeIfChanged } from './write-if-changed.ts';

const COMMON = {
  absWorkingDir: PACKAGE_ROOT,
  outdir: PACKAGE_ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  write: false,
  metafile: true,
  logLevel: 'error',
} as const satisfies BuildOptions;

const FUNCTIONS = {
  ...COMMON,
  entryPoints: FUNCTION_ENTRIES.map((entry) => ({ in: entry, out: join(functionFolder(entry), 'index') })),
  minify: true,
  // The SDK of the runtime rather than our own: it keeps the bundle small, and with it the cold start short.
  external: ['@aws-sdk/*'],
} satisfies BuildOptions;

const PROGRAMS = {
  ...COMMON,
  entryPoints: IMAGES.map((image) => ({ in: `containers/${image}/main.ts`, out: join(imageFolder(image), image) })),
  outExtension: { '.js': '.cjs' },
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
} satisfies BuildOptions;

/**
 * Builds all of them, in less than a second. The same sources give the same files, and a file that is right already is
 * not touched.
 *
 * @returns the paths of the sources in them, relative to the root, those in `node_modules` too
 * @throws Error from esbuild, which has printed what is wrong in which line
 */
export async function buildBundles(): Promise<string[]> {
  const built = await Promise.all([build(FUNCTIONS), build(PROGRAMS)]);
  const bundles = built
    .flatMap(({ outputFiles }) => outputFiles)
    .map(({ path, contents }) => writeIfChanged(path, contents));
  await Promise.all([...bundles, ...IMAGES.map(copyDockerfile)]);
  // Of each bundle and not of the whole build: what is read but not used is not in any.
  const outputs = built.flatMap(({ metafile }) => Object.values(metafile.outputs));
  return [...new Set(outputs.flatMap(({ inputs }) => Object.keys(inputs)))];
}

async function copyDockerfile(image: (typeof IMAGES)[number]): Promise<void> {
  const dockerfile = join(PACKAGE_ROOT, 'containers', image, 'Dockerfile');
  await writeIfChanged(join(imageFolder(image), 'Dockerfile'), await readFile(dockerfile));
}
