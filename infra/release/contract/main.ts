/** `npm run contract`: writes what the version of package.json promises. Not after that version has been published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundles } from '../../build/build-bundles.ts';
import { PACKAGE_ROOT } from '../../build/package-root.ts';
import { contractOf } from './contract.ts';
import { writeContract } from './written.ts';

process.env['CDK_VALIDATION'] = 'false';
await buildBundles();
const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'));
console.log(`${writeContract(contractOf(version))} is written.`);
