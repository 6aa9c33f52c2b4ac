/** Somebody who follows the pages: a shell in a clone of this repository, with an emulated account. */
import { cp, glob, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { writeAwsCli } from '../../../infra/local/aws-cli/aws-cli.ts';
import { cdkEnvironment } from '../../../infra/local/deployment.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, loopbackEnvironment } from '../../../infra/local/loopback.ts';
import { startMinistack } from '../../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { run } from '../../../infra/local/process/run.ts';
import { startFakeEcs } from '../../integration/fake-ecs.ts';

const FOLDER = join(PROJECT_ROOT, '.local/test/shell');
const CLONE = join(FOLDER, 'clone');
const BIN = join(FOLDER, 'bin');

/** Made at each start: what a reader has is a clone in which nothing was deployed. */
async function makeClone(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(CLONE, { recursive: true });
  for (const name of await readdir(PROJECT_ROOT)) {
    if (name.startsWith('.') || name === 'cdk.json' || name === 'cdk.out') continue;
    await symlink(join(PROJECT_ROOT, name), join(CLONE, name));
  }
  await cp(join(PROJECT_ROOT, 'cdk.json'), join(CLONE, 'cdk.json'));
}

/** That of `cdk bootstrap`. */
const REPOSITORY = `cdk-hnb659fds-container-assets-${LOCAL_ACCOUNT}-${LOCAL_REGION}`;

interface Assets {
  readonly dockerImages: Readonly<
    Record<string, { readonly destinations: Readonly<Record<string, { readonly imageTag: string }>> }>
  >;
}

export type Reader = Awaited<ReturnType<typeof startReader>>;

export const startReader = async () => {
  const stack = new AsyncDisposableStack();
  try {
    await makeClone();
    stack.defer(() => rm(FOLDER, { recursive: true, force: true }));
    await writeAwsCli(BIN, 1);
    // The ECS that the discovery asks, because tasks have addresses there; the AWS CLI asks that of MiniStack.
    const ecs = await startFakeEcs();
    stack.defer(ecs.stop);
    const elsewhere = { AWS_ENDPOINT_URL_ECS: ecs.endpoint };
    const aws = await startMinistack({ directory: join(FOLDER, 'ministack'), environment: elsewhere });
    stack.defer(aws.stop);
    const environment = loopbackEnvironment(aws.endpoint, {
      ...cdkEnvironment(aws, FOLDER),
      ...elsewhere,
      PATH: [BIN, aws.environment['PATH']].join(delimiter),
      // The CDK asks before it deploys or destroys. It prints to standard output, and npx fetches nothing.
      ...{ CDK_YES: 'true', CI: 'true', npm_config_offline: 'true' },
    });
    const placeholders = new Map<string, string>();
    const filled = (script: string): string => {
      const text = [...placeholders].reduce((it, [name, value]) => it.replaceAll(name, value), script);
      if (/…|EXAMPLE/.test(text)) throw new Error(`Nobody said what stands for the placeholders of ${text}`);
      return text;
    };
    /** What it prints. @throws ProgramFailedError with the end of what it printed */
    const sh = (script: string): Promise<string> =>
      run('bash', ['-euo', 'pipefail', '-c', filled(script)], { environment, directory: CLONE });

    return {
      sh,
      ecs,
      /** What stands on the pages for what each reader has others of. */
      placeholders,
      /** What a command prints, without the white space around it. */
      ask: async (script: string): Promise<string> => (await sh(script)).trim(),
      /** Puts settings into `cdk.json`, in place of those before. */
      keep: async (settings: Readonly<Record<string, string>>): Promise<void> => {
        const { context, ...others } = JSON.parse(await readFile(join(PROJECT_ROOT, 'cdk.json'), 'utf8'));
        await writeFile(join(CLONE, 'cdk.json'), JSON.stringify({ ...others, context: { ...context, ...settings } }));
      },
      /**
       * Publishes the images of the app as it was synthesised, so that the CDK finds them and needs no Docker. They have no
       * layers: tasks of MiniStack run nothing.
       */
      publishImages: async (): Promise<void> => {
        for await (const file of glob(join(CLONE, 'cdk.out/*.assets.json'))) {
          const { dockerImages }: Assets = JSON.parse(await readFile(file, 'utf8'));
          const images = Object.values(dockerImages).flatMap(({ destinations }) => Object.values(destinations));
          for (const { imageTag } of images) {
            await sh(`aws ecr put-image --repository-name ${REPOSITORY} --image-tag ${imageTag} --image-manifest '{}'`);
          }
        }
      },
      stop: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
};
