/** The constructs as other apps import them, and what they import. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { PACKAGE_ROOT } from './package-root.ts';

/** Where tsconfig.package.json has them written. */
export const LIBRARY = join(PACKAGE_ROOT, 'dist', 'lib');

/** @throws Error with what the compiler printed */
export async function buildLibrary(): Promise<void> {
  await Promise.all([buildModules(), buildCommonJs()]);
}

/** ES modules with their declarations. */
async function buildModules(): Promise<void> {
  const compiler = join(PACKAGE_ROOT, 'node_modules', '.bin', 'tsc');
  await promisify(execFile)(compiler, ['--project', join(PACKAGE_ROOT, 'tsconfig.package.json')]);
}

/** The same for `require`: the app that `cdk init` makes is CommonJS, and its Jest cannot load ES modules. */
async function buildCommonJs(): Promise<void> {
  await build({
    absWorkingDir: PACKAGE_ROOT,
    entryPoints: ['infra/index.ts'],
    outfile: join(LIBRARY, 'index.cjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'error',
  });
}
