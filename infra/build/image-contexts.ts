/** The container images that this project builds itself, and the folders that Docker builds them from. */
import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';

/** Each has an entry `containers/<name>/main.ts` and a Dockerfile beside it that copies `<name>.cjs`. */
export const IMAGES = ['target-sync', 'webapp'] as const;

export type ImageName = (typeof IMAGES)[number];

/** The folder with the Dockerfile and the bundle that it copies. */
export const imageFolder = (image: ImageName): string => join(PACKAGE_ROOT, 'dist', 'images', image);
