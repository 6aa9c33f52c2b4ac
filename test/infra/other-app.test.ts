import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loopbackEnvironment } from '../../infra/local/loopback.ts';
import { LOCAL_ROOT, PROJECT_ROOT } from '../../infra/local/paths.ts';
import { run } from '../../infra/local/process/run.ts';

const APP = join(LOCAL_ROOT, 'test/other-app');

/** The app of README.md, as somebody writes it who has this repository as an npm workspace. */
const PROGRAM = `
import { App, Stack } from 'aws-cdk-lib';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { EcsPrometheusDiscovery } from 'ecs-prometheus-discovery';

const app = new App();
const stack = new Stack(app, 'Team');
const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [cluster] });
app.synth();
`;

describe('a CDK app of somebody else', () => {
  beforeAll(async () => {
    await rm(APP, { recursive: true, force: true });
    await mkdir(join(APP, 'node_modules'), { recursive: true });
    await symlink(PROJECT_ROOT, join(APP, 'node_modules/ecs-prometheus-discovery'));
    for (const library of ['aws-cdk-lib', 'constructs']) {
      await symlink(join(PROJECT_ROOT, 'node_modules', library), join(APP, 'node_modules', library));
    }
    await writeFile(join(APP, 'package.json'), '{ "type": "module" }');
    await writeFile(join(APP, 'app.ts'), PROGRAM);
  });
  afterAll(() => rm(APP, { recursive: true, force: true }));

  it('watches a cluster of its own with the defaults', async () => {
    const environment = { ...loopbackEnvironment(), CDK_OUTDIR: join(APP, 'cdk.out') };
    await run(process.execPath, ['app.ts'], { environment, directory: APP });
    const template = JSON.parse(await readFile(join(APP, 'cdk.out/Team.template.json'), 'utf8'));
    const resources = Object.values<{ Type: string; Properties: Record<string, unknown> }>(template.Resources);
    const [rule] = resources.filter(
      ({ Type, Properties }) => Type === 'AWS::Events::Rule' && JSON.stringify(Properties).includes('aws.ecs'),
    );
    const [id] = Object.entries<{ Type: string }>(template.Resources).find(
      ([, { Type }]) => Type === 'AWS::ECS::Cluster',
    ) ?? [''];
    expect(JSON.stringify(rule?.Properties['EventPattern'])).toContain(JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }));
    expect(resources.filter(({ Type }) => Type === 'AWS::SSM::Parameter')).toHaveLength(4);
  }, 60_000);
});
