import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianFolder } from '../debian/debian-program.ts';
import { unpackPackage } from '../debian/unpack-package.ts';
import { LOCAL_ROOT } from '../paths.ts';
import { findProgram } from '../process/find-program.ts';
import { makeOnce } from '../process/make-once.ts';
import { run } from '../process/run.ts';
import { virtualEnvironment } from '../python/virtual-environment.ts';

/** Version 1 comes from PyPI, pinned. Version 2 is not there: it is the one on the PATH, or Debian's. */
export type AwsCliVersion = 1 | 2;

const { python } = virtualEnvironment({
  name: 'aws-cli',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  root: join(LOCAL_ROOT, 'aws-cli'),
});

/** Debian's is made for the Python of the machine, or else for Debian's beside it. */
const fromDebian = (folder: string): string =>
  `env PATH='/usr/bin:${folder}/usr/bin' PYTHONPATH='${folder}/usr/lib/python3/dist-packages' python3 -m awscli`;

const isVersion2 = (command: string): Promise<boolean> =>
  run('sh', ['-c', `${command} --version`], { environment: process.env }).then(
    (said) => said.startsWith('aws-cli/2.'),
    () => false,
  );

const COMMANDS: Readonly<Record<AwsCliVersion, () => Promise<string>>> = {
  // Not by its own script, whose first line names the folder that the environment was made in.
  1: async () => `'${await python()}' -m awscli`,
  2: async () => {
    const installed = await findProgram('aws');
    if (installed !== undefined && (await isVersion2(`'${installed}'`))) return `'${installed}'`;
    const folder = debianFolder('awscli');
    const make = (aside: string): Promise<void> =>
      unpackPackage({ package: 'awscli', needs: 'what this machine lacks' }, aside);
    await makeOnce(folder, make, { isWhole: () => isVersion2(fromDebian(folder)) });
    return fromDebian(folder);
  },
};

/**
 * Writes a program `aws` into a folder: the AWS CLI for an emulated account. The first call on a machine installs it.
 *
 * The endpoint is an option, because the environment does not bind it everywhere: version 1 goes to the real SQS whatever
 * `AWS_ENDPOINT_URL` says, and version 2 knows the variable only since 2.13.
 */
export const writeAwsCli = async (folder: string, version: AwsCliVersion): Promise<void> => {
  const program = join(folder, 'aws');
  const command = `exec ${await COMMANDS[version]()} --endpoint-url "\${AWS_ENDPOINT_URL:?}" "$@"`;
  await mkdir(folder, { recursive: true });
  await writeFile(program, `#!/bin/sh\n${command}\n`);
  await chmod(program, 0o755);
};
