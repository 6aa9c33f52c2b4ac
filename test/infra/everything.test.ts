/** What holds of all stacks together. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { app, type Json, only, resource, resources, stack } from './resources.ts';
import { type Context, removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

describe('everything', () => {
  const ALL = { grafana: true, collectors: 2, alarmEmail: 'ops@example.com' };
  const every = () => Object.values(app(ALL).stacks).flatMap((template) => resources(template));

  it('goes when it is destroyed, except the metrics', () => {
    const kept = every().filter(
      ([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete',
    );
    expect(kept.map(([, { Type }]) => Type)).toEqual(['AWS::APS::Workspace']);
  });

  it('keeps the metrics, unless that is not wanted or the deployment that makes their workspace fails', () => {
    const policy = (settings: Context) => only(stack('metrics', settings), 'AWS::APS::Workspace').DeletionPolicy;
    expect(policy({})).toBe('RetainExceptOnCreate');
    expect(policy({ workspaceRemoval: 'delete' })).toBe('Delete');
  });

  it('tells of alarms: CloudWatch may publish to the topic, whose own policy replaces the one that would let it', () => {
    const { Properties } = resource(stack('', ALL), 'AlarmTopicPolicy');
    expect((Properties['PolicyDocument'] as { Statement: Json[] }).Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: expect.stringMatching(/^AlarmTopic/) },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });

  it('logs to groups that forget, and that go with the stack', () => {
    const groups = every().filter(([, { Type }]) => Type === 'AWS::Logs::LogGroup');
    for (const [id, group] of groups) {
      expect([id, group.Properties['RetentionInDays'], group.DeletionPolicy]).toEqual([id, 30, 'Delete']);
    }
    // Lambda and ECS would otherwise make groups that nobody deletes.
    const functions = every().filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
    for (const [, { Properties }] of functions)
      expect(Properties['LoggingConfig']).toMatchObject({ LogGroup: { Ref: expect.any(String) } });
    const made = every()
      .filter(([, { Type }]) => Type.startsWith('Custom::'))
      .map(([, { Type }]) => Type);
    expect(new Set(made)).toEqual(new Set(['Custom::CloudMapRegistrations', 'Custom::GrafanaContents']));
  });

  it('has queues that are encrypted and refuse plain HTTP', () => {
    const queues = every().filter(([, { Type }]) => Type === 'AWS::SQS::Queue');
    expect(queues).not.toHaveLength(0);
    for (const [id, { Properties }] of queues) expect([id, Properties['SqsManagedSseEnabled']]).toEqual([id, true]);
    expect(every().filter(([, { Type }]) => Type === 'AWS::SQS::QueuePolicy')).toHaveLength(queues.length);
  });

  it('has no role with a managed policy: those of AWS are wider than needed', () => {
    const managed = every().filter(
      ([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && Properties['ManagedPolicyArns'],
    );
    expect(managed.map(([id]) => id)).toEqual([]);
  });
});
