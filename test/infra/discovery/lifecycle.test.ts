/** What a deployment makes first, what it leaves as it is, and where the functions run. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { only, resources, stack } from '../resources.ts';
import { type Context, removeSynthesised } from '../synth.ts';

const NAMED = { clusters: 'prod,staging', namespaces: 'ecs-services', collectors: 2 };
const template = (settings: Context = NAMED) => stack('', settings);

afterAll(removeSynthesised);

describe('the functions', () => {
  const network = {
    functionSubnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
    functionSecurityGroupIds: 'sg-0123456789abcdef0',
  };
  const functions = (settings: Context) => resources(template(settings), 'AWS::Lambda::Function');

  it('are in no VPC, unless subnets are named', () => {
    expect(functions(NAMED)).toHaveLength(5);
    for (const [id, { Properties }] of functions(NAMED)) expect([id, Properties['VpcConfig']]).toEqual([id, undefined]);
  });

  it('are all in the subnets that are named, and may make their network interfaces there', () => {
    const all = functions({ ...NAMED, ...network });
    expect(all).toHaveLength(5);
    const statements = resources(template({ ...NAMED, ...network }), 'AWS::IAM::Policy').map(([, { Properties }]) =>
      JSON.stringify(Properties),
    );
    for (const [id, { Properties }] of all) {
      expect([id, Properties['VpcConfig']]).toEqual([
        id,
        {
          SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
          SecurityGroupIds: ['sg-0123456789abcdef0'],
        },
      ]);
      const [role] = (Properties['Role'] as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
      const own = statements.filter((text) => text.includes(`{"Ref":"${role}"}`)).join();
      expect([id, own.includes('ec2:CreateNetworkInterface')]).toEqual([id, true]);
    }
  });
});

describe('the shards', () => {
  it('stay as they are from one deployment to the next', () => {
    const shards = (settings: Context) =>
      resources(template(settings), 'AWS::SSM::Parameter').filter(([, { Properties }]) =>
        String(Properties['Name']).includes('/targets/'),
      );
    const before = shards({ clusters: 'prod' });
    const after = shards({ clusters: 'prod,staging', shards: 8, resyncSchedule: 'off', collectors: 2 });
    expect(before).toHaveLength(4);
    expect(after).toHaveLength(16);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it('begin with a document that does not count, so that CloudFormation can write it again and harm nothing', () => {
    const [[, parameter] = ['', undefined]] = resources(template(), 'AWS::SSM::Parameter');
    expect(JSON.parse(String(parameter?.Properties['Value']))).toMatchObject({ base: 0 });
  });
});

describe('the order of a deployment', () => {
  it('makes the first comparison when all that it looks at is there, and all that listens', () => {
    const types = [
      'AWS::SSM::Parameter',
      'AWS::SNS::Subscription',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Events::Rule',
    ];
    const needed = types.flatMap((type) => resources(template(), type).map(([id]) => id));
    expect(needed.length).toBeGreaterThan(12);
    expect(only(template(), 'AWS::Scheduler::Schedule').DependsOn).toEqual(expect.arrayContaining(needed));
  });

  it('makes the first comparison when its schedule may start it', () => {
    const policy = resources(template(), 'AWS::IAM::Policy').find(([id]) => /ScheduleRole/.test(id))?.[0];
    expect(policy).toBeDefined();
    expect(only(template(), 'AWS::Scheduler::Schedule').DependsOn).toContain(policy);
  });

  it('stops registering before it takes its registrations out of Cloud Map', () => {
    const [[cleanup] = ['']] = resources(template(), 'Custom::CloudMapRegistrations');
    const waiting = (type: string) =>
      resources(template(), type).filter(([, { DependsOn = [] }]) => DependsOn.includes(cleanup));
    expect(waiting('AWS::Lambda::EventSourceMapping').map(([id]) => id)).toEqual([
      expect.stringMatching(/^DiscoveryRegisterFunctionSqsEventSource/),
    ]);
    expect(waiting('AWS::Lambda::Function').map(([id]) => id)).toEqual([
      expect.stringMatching(/^DiscoveryRegisterFunction/),
    ]);
  });
});
