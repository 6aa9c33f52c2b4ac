/** What is released: the packed file, and an app of `cdk init` that has it installed. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FUNCTION_ENTRIES, functionFolder } from '../../infra/build/function-bundles.ts';
import { IMAGES } from '../../infra/build/image-contexts.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { type Packed, pack } from '../../infra/release/packed.ts';
import { problemsOfPackage } from '../../infra/release/problems-of-package.ts';
import { pageOf } from '../docs/pages.ts';
import { CdkApp, type TemplateFile } from './cdk-app.ts';
import { EVERYTHING, programOfReadme, THEIR_TEST } from './programs.ts';

/** npm, and the compiler and the CDK of the app, on a machine that does other things besides. */
const MINUTES = 60_000;

let folder: string;
let packed: Packed;

beforeAll(async () => {
  // Outside of this project: an app inside would find whatever the package lacks in node_modules of this project.
  folder = await mkdtemp(join(tmpdir(), 'ecs-prometheus-discovery-'));
  packed = await pack(folder);
}, 5 * MINUTES);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed file', () => {
  it('has all that is deployed, built, and nothing of the sources, of the tests and of the emulation', () => {
    expect(problemsOfPackage(packed)).toEqual([]);
  });

  it('has the name that the README says', async () => {
    const { version } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
    expect(pageOf('README.md')).toContain(`ecs-prometheus-discovery-${version}.tgz`);
    expect(packed.file).toBe(join(folder, `ecs-prometheus-discovery-${version}.tgz`));
  });
});

describe('an app of `cdk init` that has it installed', () => {
  let app: CdkApp;

  beforeAll(async () => {
    app = await CdkApp.make(folder, packed.file);
    await app.write(programOfReadme());
    await app.write(EVERYTHING, 'bin/everything.ts');
  }, 10 * MINUTES);

  const resourcesOf = ({ Resources }: TemplateFile, type: string) =>
    Object.entries(Resources).filter(([, { Type }]) => Type === type);

  it.each(['commonjs', 'module'] as const)(
    'compiles and synthesises the program of the README: %s',
    async (type) => {
      await app.become(type);
      const { template: team } = await app.synthesise('Team');
      const [[cluster] = []] = resourcesOf(team, 'AWS::ECS::Cluster');
      const rules = resourcesOf(team, 'AWS::Events::Rule').map(([, { Properties }]) => JSON.stringify(Properties));
      const watching = rules.filter((rule) => rule.includes('aws.ecs'));
      expect(watching).not.toHaveLength(0);
      for (const rule of watching) expect(rule).toContain(JSON.stringify({ 'Fn::GetAtt': [cluster, 'Arn'] }));
      const parameters = resourcesOf(team, 'AWS::SSM::Parameter').map((one) => JSON.stringify(one));
      expect(parameters.filter((one) => one.includes('/targets/'))).toHaveLength(4);
    },
    5 * MINUTES,
  );

  it.each(['commonjs', 'module'] as const)(
    'has the functions, the images and the dashboards at hand: %s',
    async (type) => {
      await app.become(type);
      const { assets } = await app.synthesise('Everything', 'bin/everything.ts');
      const contents = await Promise.all(assets.map(async (path) => (await readdir(path).catch(() => [])).join()));
      expect(contents).toEqual(expect.arrayContaining(IMAGES.map((image) => `Dockerfile,${image}.cjs`)));
      expect(assets.filter((path) => path.endsWith('.json'))).toHaveLength(2);
      const bundles = (paths: string[]) => Promise.all(paths.map((path) => readFile(join(path, 'index.js'), 'utf8')));
      const deployed = await bundles(assets.filter((_, index) => contents[index] === 'index.js'));
      expect(deployed.sort()).toEqual((await bundles(FUNCTION_ENTRIES.map(functionFolder))).sort());
    },
    5 * MINUTES,
  );

  it('has the command line at hand', () => {
    const recording = join(PROJECT_ROOT, 'test/fixtures/cases/china.json');
    const program = join(app.folder, 'node_modules/.bin/ecs-prometheus-discovery');
    const { stdout, stderr } = spawnSync(process.execPath, [program, 'why', '--from', recording, '--json'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ decision: 'scraped' })]);
  });

  it('has its constructs under their own names, which errors begin with', () => {
    const program = `for (const [name, it] of Object.entries(require('ecs-prometheus-discovery')))
      if (/^[A-Z]/.test(name) && it.name !== name) console.log(name, it.name)`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: app.folder, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['', '']);
  });

  it(
    'is tested by its own Jest',
    async () => {
      await app.become('commonjs');
      await app.write(THEIR_TEST, 'test/team-app.test.ts');
      await app.test();
    },
    5 * MINUTES,
  );
});
