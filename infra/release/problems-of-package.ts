/** What may be wrong with the packed file, without a look into it. */
import { bundleName, FUNCTION_ENTRIES } from '../build/function-bundles.ts';
import { IMAGES } from '../build/image-contexts.ts';
import type { Packed } from './packed.ts';

/**
 * Bytes of the `.tgz`: about a quarter more than in November 2026, so that a large change is noticed. Nearly half of it is
 * the command line, which has the SDK inside.
 */
const LARGEST = 1.75 * 1024 * 1024;

const NEEDED: readonly string[] = [
  'LICENSE',
  'README.md',
  'package.json',
  'infra/cli/ecs-prometheus-discovery.js',
  'dist/THIRD-PARTY-LICENSES.txt',
  'dist/cli/ecs-prometheus-discovery.cjs',
  'dist/lib/index.cjs',
  'dist/lib/infra/index.js',
  'docs/dashboards/discovery.json',
  'docs/dashboards/workload.json',
  'docs/alerts/ecs-prometheus-discovery.rules.yml',
  ...FUNCTION_ENTRIES.map((entry) => `dist/functions/${bundleName(entry)}/index.js`),
  ...IMAGES.flatMap((image) => [`dist/images/${image}/Dockerfile`, `dist/images/${image}/${image}.cjs`]),
];

/** The modules of the library are what `infra/index.ts` imports; the rest of the folders is a list. */
const BELONGS = /^(dist\/lib\/.+(\.js|\.d\.ts)|docs\/.+\.(md|json|png|svg|ya?ml)|CHANGELOG\.md)$/;
/** What only the clone has: it would bring along dependencies that the package does not name. */
const STAYS =
  /^dist\/lib\/(infra\/(local|release|stacks|settings|costs|dashboards)|containers|test)\/|\/app\.js$|\/build-\w+\.js$/;

/** Sentences, none if all is well. */
export function problemsOfPackage({ contents, size }: Pick<Packed, 'contents' | 'size'>): string[] {
  const paths = contents.map(({ path }) => path);
  const undeclared = paths.filter(
    (path) => /^dist\/lib\/.+\.js$/.test(path) && !paths.includes(path.replace(/\.js$/, '.d.ts')),
  );
  const strange = paths.filter((path) => !NEEDED.includes(path) && (!BELONGS.test(path) || STAYS.test(path)));
  return [
    ...NEEDED.filter((path) => !paths.includes(path)).map((path) => `${path} is missing.`),
    ...strange.map((path) => `${path} does not belong into the package.`),
    ...undeclared.map((path) => `${path} has no declarations.`),
    ...(size > LARGEST ? [`The file has ${size} bytes, more than ${LARGEST}.`] : []),
  ];
}
