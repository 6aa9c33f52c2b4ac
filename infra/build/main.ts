/** `npm run build`: what is deployed, in `dist/`. `cdk` and the tests build it by themselves. */
import { buildBundles } from './build-bundles.ts';

await buildBundles();
