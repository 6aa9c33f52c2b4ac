/** Of the templates: what holds something, has a name that others know, or is an output. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appWith, type Context } from '../../stacks/app-with.ts';
import { fixedName, type Resource } from './fixed-names.ts';

interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: unknown }>>;
}

/** Everything there is. */
const SETTINGS: Context = { grafana: true, collectors: 2, alarmEmail: 'ops@example.com' };

/** With another logical id, CloudFormation would make a new one, empty, and delete what there is. */
const HOLDS: readonly string[] = [
  'AWS::APS::Workspace',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet',
  'AWS::EC2::VPC',
  'AWS::ECS::Cluster',
  'AWS::Grafana::Workspace',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SSM::Parameter',
];

/** The name of a pipeline parameter ends in a digest of its value. */
const withoutDigest = (name: string): string => name.replace(/\/[0-9a-f]{16}$/, '/*');

function templates(): Readonly<Record<string, Template>> {
  const outdir = mkdtempSync(join(tmpdir(), 'ecs-prometheus-discovery-contract-'));
  try {
    const { stacks } = appWith(SETTINGS, outdir).synth();
    return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** `resource <stack> <logical id>`: its type, and its name where it has one; `output <stack> <name>`. */
export const resourceEntries = (): [string, string][] =>
  Object.entries(templates()).flatMap(([stack, { Resources = {}, Outputs = {} }]) => [
    ...Object.entries(Resources).flatMap(([id, resource]): [string, string][] => {
      const name = fixedName(resource, stack)?.name;
      if (name === undefined && !HOLDS.includes(resource.Type)) return [];
      return [[`resource ${stack} ${id}`, [resource.Type, ...(name ? [withoutDigest(name)] : [])].join(' ')]];
    }),
    ...Object.entries(Outputs).flatMap(([name, { Export }]): [string, string][] =>
      Export === undefined ? [[`output ${stack} ${name}`, '']] : [],
    ),
  ]);
