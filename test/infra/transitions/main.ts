/** `npm run upgrading` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundles } from '../../../infra/build/build-bundles.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { removeSynthesised } from '../synth.ts';
import { upgradingPage } from './page.ts';
import { walk } from './walk.ts';

process.env['CDK_VALIDATION'] = 'false';
await buildBundles();
writeFileSync(join(PROJECT_ROOT, 'docs', 'upgrading.md'), upgradingPage(walk()));
await removeSynthesised();
