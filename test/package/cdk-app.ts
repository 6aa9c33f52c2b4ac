/** An app as `cdk init` makes it, with this project installed from its packed file. */
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loopbackEnvironment } from '../../infra/local/loopback.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { run } from '../../infra/local/process/run.ts';
import { npmEnvironment } from '../../infra/release/npm-environment.ts';

const NAME = 'team-app';

/** A CloudFormation template, as far as tests look at it. */
export interface TemplateFile {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
}

export interface Synthesised {
  readonly template: TemplateFile;
  /** Paths of the files and folders that are deployed with it. */
  readonly assets: readonly string[];
}

export class CdkApp {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Takes some 20 seconds, and megabytes from npm's cache or registry. */
  static async make(parent: string, packed: string): Promise<CdkApp> {
    const app = new CdkApp(join(parent, NAME));
    await mkdir(app.folder);
    const cdk = join(PROJECT_ROOT, 'node_modules', '.bin', 'cdk');
    await app.#run(cdk, ['init', 'app', '--language', 'typescript', '--generate-only', '--no-notices']);
    const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, packed], { environment: npmEnvironment(), directory: app.folder });
    return app;
  }

  /** Writes the program of the app, which is `bin/team-app.ts`, or another file of it. */
  async write(text: string, path = `bin/${NAME}.ts`): Promise<void> {
    await writeFile(join(this.folder, path), text);
  }

  /** Makes its files ES modules or CommonJS. */
  async become(type: 'module' | 'commonjs'): Promise<void> {
    const path = join(this.folder, 'package.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), type }));
  }

  /** Runs the Jest that `cdk init` has set up. */
  async test(): Promise<void> {
    await this.#run('npm', ['test']);
  }

  /** Compiles and runs the program of the app, as its `cdk.json` says, or only runs another one. */
  async synthesise(stack: string, program?: string): Promise<Synthesised> {
    const output = await mkdtemp(join(this.folder, '..', 'output-'));
    if (program === undefined) await this.#run('npx', ['cdk', 'synth', '--quiet', '--no-notices', '--output', output]);
    else await this.#run('npx', ['tsx', program], { CDK_OUTDIR: output });
    const names = (await readdir(output)).filter((name) => name.startsWith('asset.'));
    return {
      template: JSON.parse(await readFile(join(output, `${stack}.template.json`), 'utf8')),
      assets: names.map((name) => join(output, name)),
    };
  }

  #run(command: string, parameters: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<string> {
    const environment = {
      ...npmEnvironment(),
      ...Object.fromEntries(Object.entries(loopbackEnvironment()).filter(([name]) => name.startsWith('AWS_'))),
      CDK_HOME: join(this.folder, '..', 'home'),
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_VALIDATION: 'false',
      ...extra,
    };
    return run(command, parameters, { environment, directory: this.folder });
  }
}
