/** The pipeline as the template has it, with the environment of its container, on a real collector. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OpenTelemetryCollector, openTelemetryCollector } from '../../infra/local/collector/program.ts';
import { removeSynthesised, synthesise } from './synth.ts';

/** A collector is built on a machine that has none yet. */
const BUILD_MILLISECONDS = 20 * 60_000;

interface Variable {
  readonly Name: string;
  readonly Value: unknown;
}

/** What CloudFormation would put in place of a value that it knows: any, but one of the right kind. */
const resolved = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/\{"Ref":"AWS::Region"\}/g, '"eu-west-1"')
    .replaceAll(/\{"Ref":"AWS::URLSuffix"\}/g, '"amazonaws.com"')
    .replaceAll(/\{"Fn::GetAtt":\["Workspace[0-9A-F]{8}","WorkspaceId"\]\}/g, '"ws-12345678"');

const joined = (value: unknown): string => {
  const known: unknown = JSON.parse(resolved(value));
  if (typeof known === 'string') return known;
  const { 'Fn::Join': join } = known as { 'Fn::Join': [string, string[]] };
  return join[1].join(join[0]);
};

describe('the deployed pipeline', () => {
  let collector: OpenTelemetryCollector;
  let pipeline: string;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    collector = await openTelemetryCollector();
    const template = synthesise({ scrapeIntervalSeconds: 10, scrapeJob: 'ecs_services' }).stacks[
      'ecs-prometheus-discovery-metrics'
    ];
    const [parameter] = Object.values(template?.findResources('AWS::SSM::Parameter') ?? {});
    const [task] = Object.values(template?.findResources('AWS::ECS::TaskDefinition') ?? {});
    const containers: { Name: string; Environment: Variable[] }[] = task?.['Properties'].ContainerDefinitions;
    const variables = containers.find(({ Name }) => Name === 'collector')?.Environment ?? [];
    pipeline = parameter?.['Properties'].Value;
    environment = Object.fromEntries(variables.map(({ Name, Value }) => [Name, joined(Value)]));
  }, BUILD_MILLISECONDS);

  beforeEach(() => {
    Object.assign(process.env, environment);
  });

  afterAll(async () => {
    for (const name of Object.keys(environment)) delete process.env[name];
    await removeSynthesised();
  });

  it('is accepted with the environment of its container', async () => {
    expect(environment['REMOTE_WRITE_URL']).toBe(
      'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-12345678/api/v1/remote_write',
    );
    expect(pipeline).toContain('job_name: "ecs_services"');
    await collector.validate(pipeline);
  });

  it('is refused without it, so that a variable that is missing is not found out in production', async () => {
    delete process.env['REMOTE_WRITE_URL'];
    await expect(collector.validate(pipeline)).rejects.toThrow('endpoint');
  });
});
