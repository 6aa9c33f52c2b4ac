import { existsSync } from 'node:fs';

/**
 * The same folder, which is there: an installed package brings it, and in a clone `cdk`, the tests and `npm run build`
 * make it.
 *
 * @throws Error saying how to make it
 */
export function builtFolder(folder: string): string {
  if (existsSync(folder)) return folder;
  throw new Error(`${folder} has not been built: run \`npm run build\` in the clone of ecs-prometheus-discovery.`);
}
