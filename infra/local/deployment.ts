/**
 * Deploys the real CDK app to the emulated account, in the way a user deploys it to AWS: `cdk bootstrap`, `cdk synth`,
 * `cdk deploy`, `cdk destroy`. Nothing of the templates or of the bundled functions is different here.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './loopback.ts';
import type { Ministack } from './ministack/ministack.ts';
import { LOCAL_ROOT, LOG_ROOT, PROJECT_ROOT } from './paths.ts';
import { run } from './process/run.ts';

export interface DeployOptions {
  /** Settings of the app (infra/settings/settings.ts), as `cdk deploy -c name=value` takes them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Folder for the synthesised app; made if need be, and never the `cdk.out` of the tree. */
  readonly directory: string;
  /** Log file: the CDK prints long lines. @default `cdk.log` among the logs */
  readonly log?: string;
  /** Hears of each step when it is over. Bootstrap and synth go on at the same time. */
  readonly progress?: (step: DeployStep, seconds: number) => void;
  /** Ends what is going on. */
  readonly signal?: AbortSignal;
}

export type DeployStep = 'bootstrap' | 'synth' | 'deploy' | 'destroy';

/** What one needs to use the deployed discovery, by the outputs of its stack. */
export interface Deployment {
  /** Name of the deployment, and of its stack. */
  readonly deployment: string;
  /** Names of the functions; `register` only where Cloud Map is used. */
  readonly functions: {
    readonly observe: string;
    readonly store: string;
    readonly register: string | undefined;
    readonly resync: string;
  };
  /** URLs of the queues. */
  readonly queues: {
    /** Task changes on their way. */
    readonly stops: string;
    readonly runs: string;
    /** Announced changes on their way. */
    readonly store: string;
    readonly register: string | undefined;
    /** What each stage could not handle. */
    readonly observeDeadLetters: string;
    readonly storeDeadLetters: string;
    readonly registerDeadLetters: string | undefined;
    /** Task changes that EventBridge could not deliver. */
    readonly undelivered: string;
    /** What each collector's target-sync listens to, in their order. */
    readonly collectors: readonly string[];
  };
  /** ARN of the topic that announces changes. */
  readonly topic: string;
  /** Path of the SSM parameters with the targets: `/<deployment>`. */
  readonly parameterPath: string;
}

/**
 * Deploys the discovery, or updates what is deployed to other settings: the same commands, as on AWS.
 *
 * @throws ProgramFailedError with the end of what the CDK printed
 */
export const deployDiscovery = async (aws: Ministack, options: DeployOptions): Promise<Deployment> => {
  const { settings, directory } = options;
  const name = settings['deployment'] ?? DEFAULT_DEPLOYMENT;
  const app = join(resolve(PROJECT_ROOT, directory), 'app');
  const outputs = join(resolve(PROJECT_ROOT, directory), 'outputs.json');
  const elsewhere = join(resolve(PROJECT_ROOT, directory), 'bootstrap');
  await mkdir(elsewhere, { recursive: true });
  const context = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const cdk = cdkOf(aws, options);
  await Promise.all([
    // In a folder without cdk.json: otherwise it would synthesise the app, too, and without its bundles.
    cdk('bootstrap', [`aws://${LOCAL_ACCOUNT}/${LOCAL_REGION}`], elsewhere),
    cdk('synth', [name, '--quiet', '--output', app, ...context]),
  ]);
  const deployed = ['--exclusively', '--require-approval', 'never', '--outputs-file', outputs];
  await cdk('deploy', [name, '--app', app, ...deployed]);
  return deploymentOf(name, JSON.parse(await readFile(outputs, 'utf8')));
};

/** Destroys the stack; the settings need be none but its `deployment`. */
export const destroyDiscovery = async (aws: Ministack, options: DeployOptions): Promise<void> => {
  const name = options.settings['deployment'] ?? DEFAULT_DEPLOYMENT;
  const app = join(resolve(PROJECT_ROOT, options.directory), 'app');
  await cdkOf(aws, options)('destroy', [name, '--app', app, '--exclusively', '--force']);
};

/** Environment of the CDK command line, which keeps what it needs for itself in the folder. */
export const cdkEnvironment = ({ environment }: Ministack, folder: string): Record<string, string> => ({
  ...environment,
  // Neither ~/.cdk is touched, nor are notices, versions and telemetry looked up on or sent to the network.
  CDK_HOME: join(folder, 'home'),
  CDK_NOTICES: 'false',
  CDK_DISABLE_VERSION_CHECK: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  // More than half of a synth is spent on linting the templates, which changes nothing about them: `npm run synth` does.
  CDK_VALIDATION: 'false',
  NODE_COMPILE_CACHE: join(LOCAL_ROOT, 'compile-cache'),
});

type Cdk = (step: DeployStep, arguments_: readonly string[], directory?: string) => Promise<void>;

const cdkOf = (aws: Ministack, { directory, log, progress, signal }: DeployOptions): Cdk => {
  const command = join(PROJECT_ROOT, 'node_modules/.bin/cdk');
  const environment = cdkEnvironment(aws, resolve(PROJECT_ROOT, directory));
  return async (step, arguments_, cwd = PROJECT_ROOT) => {
    const began = performance.now();
    await run(command, [step, ...arguments_], {
      environment,
      directory: cwd,
      log: log ?? join(LOG_ROOT, 'cdk.log'),
      signal,
    });
    progress?.(step, (performance.now() - began) / 1000);
  };
};

const deploymentOf = (name: string, stacks: Readonly<Record<string, Readonly<Record<string, string>>>>): Deployment => {
  const outputs = stacks[name] ?? {};
  const output = (key: string): string => {
    const value = outputs[key];
    if (value === undefined) throw new Error(`Stack ${name} has no output ${key}.`);
    return value;
  };
  const collectors = Object.keys(outputs).filter((key) => key.startsWith('CollectorQueue'));
  return {
    deployment: name,
    functions: {
      observe: output('ObserveFunction'),
      store: output('StoreFunction'),
      register: outputs['RegisterFunction'],
      resync: output('ResyncFunction'),
    },
    queues: {
      stops: output('StopsQueue'),
      runs: output('RunsQueue'),
      store: output('StoreQueue'),
      register: outputs['RegisterQueue'],
      observeDeadLetters: output('ObserveDeadLetters'),
      storeDeadLetters: output('StoreDeadLetters'),
      registerDeadLetters: outputs['RegisterDeadLetters'],
      undelivered: output('UndeliveredQueue'),
      collectors: collectors.map((_, index) => output(`CollectorQueue${index}`)),
    },
    topic: output('TargetsChangedTopic'),
    parameterPath: output('ParameterPath'),
  };
};
