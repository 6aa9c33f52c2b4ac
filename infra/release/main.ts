/**
 * `npm run release`: builds, packs and checks what is released, leaves it in `.local/release/`, and writes down what it
 * promises; with `--check` it leaves nothing. It publishes nothing.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../build/package-root.ts';
import { brokenPromises, contractOf } from './contract/contract.ts';
import { newestContract, writeContract } from './contract/written.ts';
import { synthesiseWithLowestPeers } from './lowest-peers.ts';
import { pack } from './packed.ts';
import { problemsOfChangelog } from './problems-of-changelog.ts';
import { problemsOfPackage } from './problems-of-package.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const { version } = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'ecs-prometheus-discovery-release-'));
try {
  const packed = await pack(folder);
  const changelog = await readFile(join(PACKAGE_ROOT, 'CHANGELOG.md'), 'utf8');
  const contract = contractOf(version);
  const problems = [
    ...problemsOfPackage(packed),
    ...problemsOfChangelog(changelog, version),
    ...brokenPromises(newestContract(), contract),
  ];
  if (problems.length === 0) {
    const peers = await synthesiseWithLowestPeers(packed.file, folder);
    console.log(`${basename(packed.file)}: ${packed.contents.length} files, ${packed.size} bytes`);
    console.log(`An app with ${peers.join(' and ')} uses it and synthesises.`);
    if (!values.check) {
      const kept = join(PACKAGE_ROOT, '.local', 'release', basename(packed.file));
      await mkdir(join(kept, '..'), { recursive: true });
      await copyFile(packed.file, kept);
      console.log(`${writeContract(contract)} has what it promises: commit it.`);
      console.log(`It is in ${kept}. \`npm publish ${kept}\` publishes it.`);
    }
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
