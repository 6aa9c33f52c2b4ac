/** An app with the oldest versions of `aws-cdk-lib` and `constructs` that the package says it works with. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../build/package-root.ts';
import { npmEnvironment } from './npm-environment.ts';

/** Uses the constructs that bring along functions, images and dashboards, and those that most apps need. */
const PROGRAM = `
import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import * as discovery from 'ecs-prometheus-discovery';

const stack = new Stack(new App(), 'Oldest');
const vpc = new Vpc(stack, 'Vpc');
const cluster = new Cluster(stack, 'Cluster', { vpc });
const placement = { cluster, subnets: { subnets: vpc.privateSubnets }, launchType: 'FARGATE', architecture: 'ARM64' };
const workspace = new discovery.Workspace(stack, 'Workspace', { alias: 'oldest' });
const securityGroup = new discovery.CollectorSecurityGroup(stack, 'CollectorSecurityGroup', { vpc });
new discovery.Collectors(stack, 'Collectors', {
  discovery: new discovery.EcsPrometheusDiscovery(stack, 'Discovery', {
    clusters: [cluster],
    namespaces: ['internal'],
    collectors: 1,
  }),
  workspace,
  placement,
  securityGroup,
});
new discovery.GrafanaWorkspace(stack, 'Grafana', { name: 'oldest', metrics: workspace });
`;

/** `aws-cdk-lib@2.269.0` for `"aws-cdk-lib": "^2.269.0"`. */
export const lowest = (peers: Readonly<Record<string, string>>): string[] =>
  Object.entries(peers).map(([name, range]) => `${name}@${range.replace(/^\^/, '')}`);

/**
 * Installs a packed file with the oldest of its peers, and synthesises.
 *
 * @param parent folder outside of this project, which would otherwise lend it its modules
 * @returns what was installed
 * @throws Error with what npm or the app printed
 */
export async function synthesiseWithLowestPeers(packed: string, parent: string): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8'));
  const peers = lowest(peerDependencies);
  const folder = await mkdtemp(join(parent, 'lowest-'));
  const run = (command: string, parameters: string[]) =>
    promisify(execFile)(command, parameters, {
      cwd: folder,
      env: { ...npmEnvironment(), CDK_OUTDIR: join(folder, 'cdk.out'), CDK_VALIDATION: 'false' },
    });
  await writeFile(join(folder, 'app.mjs'), PROGRAM);
  await run('npm', ['init', '--yes']);
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', packed, ...peers]);
  await run(process.execPath, ['app.mjs']);
  return peers;
}
