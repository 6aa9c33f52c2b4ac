/** The images that this project builds itself, from their Dockerfiles. */
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { builtFolder } from '../../build/built-folder.ts';
import { type ImageName, imageFolder } from '../../build/image-contexts.ts';

/** Built by `cdk deploy`, not by `cdk synth`, which only hashes what goes into it. */
export function builtImage(name: ImageName, architecture: 'ARM64' | 'X86_64'): ContainerImage {
  return ContainerImage.fromAsset(builtFolder(imageFolder(name)), {
    assetName: name,
    platform: architecture === 'ARM64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  });
}
