/** That the checks would find a policy that is too wide, or too narrow, and a request that nobody thought of. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import type { Role, Statement } from '../deployed/deployment.ts';
import { ASKS, type Ask, arn, asksOf } from './asks.ts';
import { askerOf, decide } from './decide.ts';
import { unusedGrants } from './grants.ts';

const role = (...statements: Omit<Statement, 'Effect'>[]): Role => ({
  arn: 'arn:aws:iam::111122223333:role/any',
  policies: [{ Version: '2012-10-17', Statement: statements.map((it) => ({ Effect: 'Allow', ...it })) }],
});
const describeTask: Ask = {
  action: 'ecs:DescribeTasks',
  resource: arn('ecs', 'task/prod/1'),
  context: { 'ecs:cluster': arn('ecs', 'cluster/prod') },
};
const TASKS = { Action: 'ecs:DescribeTasks', Resource: arn('ecs', 'task/prod/*') };

describe('the checks of permissions', () => {
  it.each<[string, Omit<Statement, 'Effect'>, string]>([
    ['an action', { Action: 'ecs:StopTask', Resource: TASKS.Resource }, 'ecs:StopTask on '],
    ['a resource', { ...TASKS, Resource: arn('ecs', 'task/staging/*') }, '/staging/*'],
    ['all actions', { Action: 'ecs:*', Resource: '*' }, 'ecs:* on *'],
  ])('find %s that nobody uses', async (_, more, found) => {
    expect(await unusedGrants(role(TASKS, more), [describeTask])).toEqual([expect.stringContaining(found)]);
    expect(await unusedGrants(role(TASKS), [describeTask])).toEqual([]);
  });

  it('find a request that nothing allows', async () => {
    expect(await decide(askerOf(role(TASKS)), describeTask)).toBe('Allowed');
    expect(await decide(askerOf(role()), describeTask)).toBe('ImplicitlyDenied');
  });

  it.each<[string, Ask]>([
    ['an action', { ...describeTask, action: 'ecs:DescribeTask' }],
    ['a resource of another kind', { ...describeTask, resource: arn('ecs', 'cluster/prod') }],
  ])('find %s that IAM does not know', async (_, ask) => {
    await expect(decide(askerOf(role(TASKS)), ask)).rejects.toThrow(ask.action);
  });

  it('know every request that the code can send', () => {
    const folder = join(PROJECT_ROOT, 'functions/aws');
    const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const commands = [...text.join('\n').matchAll(/new (\w+)Command\(/g)].map(([, name]) => name as string);
    const ofGrafana = /Grafana|ServiceAccount|Workspace|^GetObject$/;
    expect(new Set(commands.filter((name) => !ofGrafana.test(name)))).toEqual(new Set(Object.keys(ASKS)));
    const sent = { from: 'any', operation: 'StopTask', input: {}, answer: {} };
    expect(() => asksOf(sent)).toThrow('StopTask');
  });
});
