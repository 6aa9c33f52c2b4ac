import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import getPort, { clearLockedPorts } from 'get-port';
import { loopbackEnvironment } from '../loopback.ts';
import { PROJECT_ROOT } from '../paths.ts';
import { type Child, startChild } from '../process/child.ts';
import { waitForHttp } from '../process/wait-for-http.ts';
import type { Waiting } from '../process/waiting.ts';
import { ministackPython } from './virtual-environment.ts';

/** An emulated AWS account that runs until it is stopped. */
export interface Ministack {
  /** Endpoint of every service: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Environment for programs that use it: dummy credentials, the region, `AWS_ENDPOINT_URL`, Node 24 first. */
  readonly environment: Readonly<Record<string, string>>;
  readonly process: Child;
  /** Ends it and the Lambda processes it started, and removes what they wrote (not the log). */
  readonly stop: () => Promise<void>;
}

export interface MinistackOptions extends Waiting {
  /**
   * Folder for its temporary files, made and removed with it. It must be inside the project: the deployed bundles
   * leave `@aws-sdk/*` to the runtime, and Node finds the SDK for them in the project's node_modules only from there
   * (elsewhere MiniStack puts stubs in its place).
   */
  readonly directory: string;
  /**
   * More environment, for it and for the Lambda functions that it runs. `AWS_ENDPOINT_URL_ECS` sends the functions'
   * ECS calls elsewhere without a change to the deployed templates. Every endpoint must be on this machine.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** Log file. @default `ministack.log` beside `directory` */
  readonly log?: string;
  /** TCP port; another one is taken when it is in use. @default one that the kernel chooses */
  readonly port?: number;
}

/**
 * Starts MiniStack on a loopback port and waits until it answers. The first call on a machine installs it
 * (10 to 30 s). State is in memory: each start is an empty account `000000000000` in us-east-1.
 *
 * @example
 * const aws = await startMinistack({ directory: '.local/test/deployment' });
 * const ssm = new SSMClient(loopbackClientConfig(aws.endpoint));
 * await aws.stop();
 */
export const startMinistack = async (options: MinistackOptions): Promise<Ministack> => {
  const directory = resolve(PROJECT_ROOT, options.directory);
  if (relative(PROJECT_ROOT, directory).startsWith('..')) {
    throw new Error(`${directory} is outside the project, where Lambda functions would not find the AWS SDK.`);
  }
  // It keeps a port that it has given to this process for half a minute, also from a start again on the same one.
  if (options.port !== undefined) clearLockedPorts();
  const port = await getPort({ port: options.port ?? 0 });
  const endpoint = `http://127.0.0.1:${port}`;
  const environment = loopbackEnvironment(endpoint, {
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    // Queue URLs name the endpoint's own host: where they differ, the SDK in the Lambdas warns at each call.
    MINISTACK_HOST: '127.0.0.1',
    TMPDIR: join(directory, 'tmp'),
    STATE_DIR: join(directory, 'state'),
    S3_DATA_DIR: join(directory, 's3'),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    ...options.environment,
  });
  const python = await ministackPython(options);
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'tmp'), { recursive: true });
  // MiniStack and the bundles are CommonJS in files named .js; the project's own package.json would make them ES modules.
  await writeFile(join(directory, 'tmp/package.json'), '{ "type": "commonjs" }');
  const child = await startChild({
    name: 'MiniStack',
    command: python,
    arguments: [join(import.meta.dirname, 'launch.py')],
    environment,
    log: options.log ?? `${directory}.log`,
    directory,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitForHttp(child, `${endpoint}/_ministack/ready`, 60);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, environment: loopbackEnvironment(endpoint), process: child, stop };
};
