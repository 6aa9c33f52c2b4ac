/** `npm run build`: all of `dist/`, as it is packed. `cdk` and the tests build the bundles by themselves. */
import { buildBundles } from './build-bundles.ts';
import { buildCommandLine } from './build-command-line.ts';
import { buildLibrary } from './build-library.ts';
import { removeFormerOutput } from './former-output.ts';
import { writeThirdPartyLicences } from './third-party-licences.ts';

await removeFormerOutput();
const bundles = Promise.all([buildBundles(), buildCommandLine()]);
await Promise.all([bundles.then((sources) => writeThirdPartyLicences(sources.flat())), buildLibrary()]);
