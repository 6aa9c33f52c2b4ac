/** The Lambda functions of this project, and where the bundle of each one is. */
import { basename, dirname, join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';

/** The only list of them: entry files, relative to the root of the repository, that export `handler`. */
export const FUNCTION_ENTRIES = [
  'functions/observe/handler.ts',
  'functions/store/handler.ts',
  'functions/register/handler.ts',
  'functions/resync/handler.ts',
  'functions/register/registration-cleanup.ts',
  'functions/lambda/grafana-provisioning.ts',
] as const;

export type FunctionEntry = (typeof FUNCTION_ENTRIES)[number];

/** `observe` for `functions/observe/handler.ts`, `registration-cleanup` for `functions/register/registration-cleanup.ts`. */
export const bundleName = (entry: FunctionEntry): string => {
  const file = basename(entry, '.ts');
  return file === 'handler' ? basename(dirname(entry)) : file;
};

/** The folder with its `index.js`, which is all that is deployed. */
export const functionFolder = (entry: FunctionEntry): string =>
  join(PACKAGE_ROOT, 'dist', 'functions', bundleName(entry));
