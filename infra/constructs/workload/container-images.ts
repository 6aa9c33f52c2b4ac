/** The images that this project builds itself, from their Dockerfiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/** Built by `cdk deploy`, not by `cdk synth`, which only hashes what goes into it. */
export function builtImage(name: 'target-sync' | 'webapp', architecture: 'ARM64' | 'X86_64'): ContainerImage {
  const file = `containers/${name}/Dockerfile`;
  return ContainerImage.fromAsset(REPOSITORY, {
    assetName: name,
    file,
    platform: architecture === 'ARM64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    // The file that Docker would read; CDK knows only one at the root.
    exclude: readFileSync(join(REPOSITORY, `${file}.dockerignore`), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
    ignoreMode: IgnoreMode.DOCKER,
  });
}
