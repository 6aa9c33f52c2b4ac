/** What AWS would refuse half way through a deployment is counted before, and said in a sentence. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { exceededLimits } from '../../infra/stacks/template-limits.ts';
import { app } from './resources.ts';
import { type Context, removeSynthesised } from './synth.ts';

const NAMED = { namespaces: 'ecs-services', collectors: 1 };
const clusters = (count: number, name = 'c') => Array.from({ length: count }, (_, index) => `${name}${index}`);

const problemsOf = (settings: Context): string[] =>
  app(settings).assembly.stacks.flatMap(({ stackName, template }) => exceededLimits(stackName, template));

const lambda = (bytes: number) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Environment: { Variables: { NAME: 'x'.repeat(bytes - 4) } } },
});
const rule = (characters: number) => ({
  Type: 'AWS::Events::Rule',
  Properties: { EventPattern: { source: ['x'.repeat(characters - '{"source":[""]}'.length)] } },
});
const repeated = <T>(count: number, one: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`R${index}`, one]));

afterAll(removeSynthesised);

describe('a stack', () => {
  it.each([
    ['resources', { Resources: repeated(500, { Type: 'A::B::C' }) }, { Resources: repeated(501, { Type: 'A::B::C' }) }],
    ['outputs', { Outputs: repeated(200, {}) }, { Outputs: repeated(201, {}) }],
    ['environment', { Resources: { F: lambda(4096) } }, { Resources: { F: lambda(4097) } }],
    ['pattern', { Resources: { R: rule(2048) } }, { Resources: { R: rule(2049) } }],
    ['bytes', { Outputs: { O: 'x'.repeat(1_048_000) } }, { Outputs: { O: 'x'.repeat(1_048_576) } }],
  ])('may have as many %s as AWS takes, and not one more', (what, most, more) => {
    expect(exceededLimits('prod', most)).toEqual([]);
    expect(exceededLimits('prod', more)).toEqual([expect.stringContaining(what)]);
  });

  it('is counted with what CloudFormation puts into it', () => {
    const Value = { 'Fn::Join': [':', [{ Ref: 'AWS::Region' }, { 'Fn::GetAtt': ['Queue', 'Arn'] }]] };
    const of = (bytes: number) => ({
      Resources: {
        F: {
          Type: 'AWS::Lambda::Function',
          Properties: { Environment: { Variables: { A: Value, B: 'x'.repeat(bytes) } } },
        },
      },
    });
    // Two names, ap-southeast-1, a colon and an ARN of 140 characters.
    expect(exceededLimits('prod', of(4096 - 157))).toEqual([]);
    expect(exceededLimits('prod', of(4096 - 156))).toHaveLength(1);
  });
});

describe('the discovery', () => {
  it.each<[string, Context]>([
    ['one cluster with all shards', { ...NAMED, clusters: 'prod', shards: 256 }],
    ['20 clusters', { ...NAMED, clusters: clusters(20) }],
    ['30 clusters with one shard', { ...NAMED, clusters: clusters(30), shards: 1 }],
    ['rules of 3 KB', { ...NAMED, clusters: 'prod', scrapeRules: [{ service: 'x'.repeat(3000), port: 1 }] }],
  ])('fits: %s', (_, settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });

  it.each<[string, Context, readonly RegExp[]]>([
    [
      '40 clusters',
      { ...NAMED, clusters: clusters(40, 'a-team-'), shards: 1 },
      [/^the pattern of rule DiscoveryObserveStopsRule.* has \d+ characters/, /^the pattern of rule .*RunsRule/],
    ],
    [
      'rules of 5 KB',
      { clusters: 'prod', scrapeRules: [{ service: 'x'.repeat(5000), port: 1 }] },
      ['Observe', 'Store', 'Resync'].map((name) => new RegExp(`^the environment of function Discovery${name}Function`)),
    ],
  ])('does not fit: %s', (_, settings, problems) => {
    expect(problemsOf(settings)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });
});

describe('the app', () => {
  const folder = () => {
    mkdirSync(join(PROJECT_ROOT, '.local/test'), { recursive: true });
    return mkdtempSync(join(PROJECT_ROOT, '.local/test/limits-'));
  };

  it('ends with a sentence and no stack trace when a stack is too large', () => {
    const outdir = folder();
    const context = { clusters: 'a,b', shards: 256 };
    const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    rmSync(outdir, { recursive: true, force: true });
    expect(stderr).toMatch(
      /^This is too large to deploy:\n {2}- stack ecs-prometheus-discovery has \d{3} resources, but AWS takes 500 at most: lower shards, or watch some of the clusters by a second deployment\n$/,
    );
    expect(status).toBe(1);
  }, 60_000);
});
