/** What the bundles contain of others, under which licence: most of them ask that their text goes along. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';
import { writeIfChanged } from './write-if-changed.ts';

/** Where `npm pack` finds it. */
const LICENCES = join(PACKAGE_ROOT, 'dist', 'THIRD-PARTY-LICENSES.txt');

/** `node_modules/@middy/core` for `node_modules/@middy/core/index.js`. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE = /^licen[cs]e(\.\w+)?$/i;

/**
 * @param sources paths of the sources of all bundles, relative to the root
 * @throws Error naming a package that does not say what its licence is
 */
export async function writeThirdPartyLicences(sources: readonly string[]): Promise<void> {
  const folders = new Set(sources.map((path) => PACKAGE.exec(path)?.[0]).filter((folder) => folder !== undefined));
  const terms = await Promise.all([...folders].sort().map((folder) => termsOf(join(PACKAGE_ROOT, folder))));
  const sections = [...Map.groupBy(terms, ({ text }) => text)].map(
    ([text, packages]) => `${[...new Set(packages.map(({ title }) => title))].join('\n')}\n\n${text}\n`,
  );
  await writeIfChanged(LICENCES, new TextEncoder().encode(sections.join(`\n${'-'.repeat(80)}\n\n`)));
}

interface Terms {
  readonly title: string;
  readonly text: string;
}

async function termsOf(folder: string): Promise<Terms> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') {
    throw new Error(
      `${name} ${version} is bundled, and its package.json names no licence: replace it, or add its terms.`,
    );
  }
  const file = (await readdir(folder)).find((entry) => LICENCE.test(entry));
  const text =
    file === undefined ? '(The package has no file with its text.)' : await readFile(join(folder, file), 'utf8');
  return { title: `${name} ${version}: ${license}`, text: text.trim() };
}
