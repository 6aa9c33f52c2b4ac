/** `npm run build`: all of `dist/`, as it is packed. `cdk` and the tests build the bundles by themselves. */
import { buildBundles } from './build-bundles.ts';
import { buildLibrary } from './build-library.ts';
import { removeFormerOutput } from './former-output.ts';
import { writeThirdPartyLicences } from './third-party-licences.ts';

await removeFormerOutput();
await Promise.all([buildBundles().then(writeThirdPartyLicences), buildLibrary()]);
