import { describe, expect, it } from '@jest/globals';
import type { Resource } from '../../../infra/release/contract/fixed-names.ts';
import type { Output, Stacks, Template } from './template.ts';
import { destroy, update } from './update.ts';

const stacks = (templates: Readonly<Record<string, Template>>): Stacks => new Map(Object.entries(templates));
const one = (Resources: Readonly<Record<string, Resource>>, Outputs: Readonly<Record<string, Output>> = {}): Stacks =>
  stacks({ a: { Resources, Outputs } });
const service = (ServiceName: string, LaunchType = 'FARGATE', Cluster: unknown = 'prod'): Resource => ({
  Type: 'AWS::ECS::Service',
  Properties: { ServiceName, LaunchType, Cluster },
});
const parameter = (Name: string, Tier = 'Standard'): Resource => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Tier, Type: 'String', Value: 'x' },
});
const group = (VpcId: string): Resource => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { VpcId, GroupDescription: 'x' },
});
const exported = (Value: unknown): Output => ({ Value, Export: { Name: 'a:x' } });
const IMPORTING: Template = {
  Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: { 'Fn::ImportValue': 'a:x' } } } },
};

describe('an update', () => {
  it('is without danger where nothing changes', () => {
    const same = one({ P: parameter('/a') });
    expect(update(same, same)).toEqual({ changes: [], dangers: [] });
  });

  it('adds, replaces, removes and leaves behind', () => {
    const kept = { Type: 'AWS::APS::Workspace', DeletionPolicy: 'Retain' };
    const before = one({ Same: parameter('/same'), Gone: parameter('/gone'), Kept: kept, Other: parameter('/old') });
    const { changes, dangers } = update(
      before,
      one({ Same: parameter('/same'), New: group('v'), Other: parameter('/new') }),
    );
    expect(changes).toHaveLength(4);
    expect(changes).toEqual(
      expect.arrayContaining([
        { what: 'adds', type: 'AWS::EC2::SecurityGroup' },
        { what: 'replaces', type: 'AWS::SSM::Parameter' },
        { what: 'removes', type: 'AWS::SSM::Parameter' },
        { what: 'leaves behind', type: 'AWS::APS::Workspace' },
      ]),
    );
    expect(dangers).toEqual([]);
  });

  it('cannot replace what keeps its name, and can what gets another one', () => {
    const before = one({ S: service('web') });
    expect(update(before, one({ S: service('web', 'EC2') })).dangers).toEqual([
      'ECS service `web` cannot be made while it exists',
    ]);
    expect(update(before, one({ S: service('web-ec2', 'EC2') })).dangers).toEqual([]);
  });

  it('cannot give a name to another resource, in the same stack or in one that is deployed before the name is free', () => {
    const taken = ['SSM parameter `/a` cannot be made while it exists'];
    expect(update(one({ P: parameter('/a') }), one({ Q: parameter('/a') })).dangers).toEqual(taken);
    const [here, there] = [{ Resources: { P: parameter('/a') } }, { Resources: { P: parameter('/b') } }];
    expect(update(stacks({ a: there, b: here }), stacks({ a: here, b: there })).dangers).toContain(taken[0]);
    expect(update(stacks({ a: here, b: there }), stacks({ a: there, b: here })).dangers).not.toContain(taken[0]);
  });

  it('knows what a name is unique in', () => {
    const before = one({ S: service('web') });
    expect(update(before, one({ S: service('web'), T: service('web', 'FARGATE', 'staging') })).dangers).toEqual([]);
    const own = { Resources: { S: service('web', 'FARGATE', { Ref: 'Cluster' }) } };
    expect(update(stacks({ a: own }), stacks({ a: own, b: own })).dangers).toEqual([]);
  });

  it('cannot remove, change or replace what another stack imports', () => {
    const before = stacks({
      a: { Resources: { G: group('v'), H: group('v') }, Outputs: { X: exported({ Ref: 'G' }) } },
      b: IMPORTING,
    });
    const refused = ['stack `b` uses what stack `a` would replace or remove'];
    const later = (resource: Resource, outputs: Readonly<Record<string, Output>>, b: Template = IMPORTING): Stacks =>
      stacks({ a: { Resources: { G: resource, H: group('v') }, Outputs: outputs }, b });
    expect(update(before, later(group('v'), {})).dangers).toEqual(refused);
    expect(update(before, later(group('v'), { X: exported({ Ref: 'H' }) })).dangers).toEqual(refused);
    expect(update(before, later(group('w'), { X: exported({ Ref: 'G' }) })).dangers).toEqual(refused);
    // The stack that exports is deployed first, so it does not help that the other one is about to stop importing.
    expect(update(before, later(group('v'), {}, { Resources: {} })).dangers).toEqual(refused);
    expect(update(before, later(group('v'), { X: exported({ Ref: 'G' }) })).dangers).toEqual([]);
  });

  it('does not lower the tier of a parameter', () => {
    const [low, high] = [one({ P: parameter('/a') }), one({ P: parameter('/a', 'Advanced') })];
    expect(update(high, low).dangers).toEqual(['SSM never makes an advanced parameter a standard one']);
    expect(update(low, high).dangers).toEqual([]);
  });

  it('forgets a stack that is no longer asked for', () => {
    const { dangers } = update(stacks({ a: {}, b: {} }), stacks({ a: {} }));
    expect(dangers).toEqual(['CDK forgets stack `b`, which stays as it is']);
  });
});

describe('destroying', () => {
  const all = stacks({ a: { Outputs: { X: exported('x') } }, b: IMPORTING });

  it('is refused for a stack that another one imports from', () => {
    expect(destroy(all, ['a']).dangers).toHaveLength(1);
    expect(destroy(all, ['a', 'b']).dangers).toEqual([]);
  });

  it('leaves the others', () => {
    expect([...destroy(all, ['b']).deployed.keys()]).toEqual(['a']);
  });
});
