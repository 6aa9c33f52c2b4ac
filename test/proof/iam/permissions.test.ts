/** IAM both ways: what the code and AWS do with each role is allowed, nothing else is, and every grant is used. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Context, removeSynthesised } from '../../infra/synth.ts';
import { type Deployment, deploy, type Role } from '../deployed/deployment.ts';
import { type Ask, arn, asksOf } from './asks.ts';
import { byCollector, byEcs, byLambda, byScheduler } from './by-aws.ts';
import { askerOf, decide } from './decide.ts';
import { elsewhere } from './elsewhere.ts';
import { unusedGrants } from './grants.ts';
import { recordDay } from './recorded-day.ts';

const SUBNETS = 'subnet-0123456789abcdef0,subnet-0123456789abcdef1';
const NETWORK = { vpcId: 'vpc-0123456789abcdef0', subnetIds: SUBNETS };
const ELSEWHERE = 'arn:aws:ecs:eu-north-1:444455556666:cluster/prod';
const CLOUD_MAP = { namespaces: 'ecs-services' };

const secretOf = (name: string): string => `${arn('secretsmanager', 'secret')}:${name}-AbCdEf`;
const KEY = arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab');
/** The KMS keys that settings name. */
const keysIn = (settings: Context): readonly string[] => (JSON.stringify(settings).includes(KEY) ? [KEY] : []);

/** Every setting that changes a policy. */
const VARIANTS: Readonly<Record<string, Context>> = {
  'a cluster of its own, with everything': CLOUD_MAP,
  'existing clusters': { clusters: 'prod,staging', ...CLOUD_MAP },
  'without Cloud Map': { clusters: 'prod' },
  'a namespaces parameter that exists': { clusters: 'prod', namespacesParameter: '/shared/namespaces' },
  'labels from tags': { clusters: 'prod', ...CLOUD_MAP, tagLabels: 'team' },
  'labels as of others': { clusters: 'prod', metaLabels: true },
  'functions in a VPC': {
    ...{ clusters: 'prod', ...CLOUD_MAP },
    ...{ functionSubnetIds: SUBNETS, functionSecurityGroupIds: 'sg-0123456789abcdef0' },
  },
  'two collectors': { clusters: 'prod', collector: true, collectors: 2, shards: 3, ...NETWORK },
  'clusters elsewhere, too': { clusters: `prod,${ELSEWHERE}`, ...CLOUD_MAP },
  'clusters elsewhere alone': { clusters: ELSEWHERE, tagLabels: 'team' },
  'scrape jobs that log in': {
    ...{ clusters: 'prod', collector: true, ...NETWORK },
    scrapeJobs: [
      {
        job_name: 'payments',
        basic_auth: { username: 'me', password: { secret: secretOf('login'), field: 'password', key: KEY } },
      },
      { job_name: 'batch', authorization: { credentials: { secret: secretOf('token') } } },
    ],
  },
  'no schedule': { clusters: 'prod', resyncSchedule: 'off' },
};

/** Grants that nobody uses, and why they are there. */
const EXCEPTIONS: readonly { readonly grant: RegExp; readonly reason: string }[] = [
  {
    grant: /^lambda:InvokeFunction on arn:aws:lambda:\S+:function:DiscoveryResyncFunction\w+:\*$/,
    reason: 'CDK allows the schedule to start the versions of the function, too; there are none.',
  },
];

/** Roles that no code of this project acts under, and that CDK writes the policies of. */
const NOT_OURS = [
  // The agent of ECS on the instances.
  /role\/InstancesGroupInstanceRole/,
  // VPC flow logs.
  /role\/NetworkVpcRefusedIAMRole/,
];

/** A role, and what is done with it. */
interface Use {
  readonly name: string;
  readonly role: Role;
  readonly asks: readonly Ask[];
}

async function usesOf(deployment: Deployment, keys: readonly string[]): Promise<Use[]> {
  const sent = await recordDay(deployment);
  const sentBy = (name: string): Ask[] => distinct(sent.filter(({ from }) => from === name).flatMap(asksOf));
  return [
    ...[...deployment.functions.values()].map((lambda) => ({
      name: lambda.name,
      role: lambda.role,
      asks: distinct([...sentBy(lambda.name), ...byLambda(lambda)]),
    })),
    ...deployment.tasks.flatMap((task) => [
      { name: task.family, role: task.taskRole, asks: [...sentBy(task.family), ...byCollector(task)] },
      { name: `execution of ${task.family}`, role: task.executionRole, asks: distinct(byEcs(task, keys)) },
    ]),
    ...deployment.schedules.map((schedule) => ({
      ...{ name: 'schedule', role: schedule.role, asks: byScheduler(schedule) },
    })),
  ];
}

const distinct = (asks: readonly Ask[]): Ask[] => [...new Map(asks.map((ask) => [JSON.stringify(ask), ask])).values()];

afterAll(removeSynthesised);

describe.each(Object.entries(VARIANTS))('the roles of %s', (_, settings) => {
  let deployment: Deployment;
  let uses: Use[];

  beforeAll(async () => {
    deployment = deploy(settings);
    uses = await usesOf(deployment, keysIn(settings));
  });

  /** @returns the requests that IAM decides otherwise than this, in words */
  async function unlike(wanted: 'allowed' | 'refused', asksOfUse: (use: Use) => readonly Ask[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const use of uses) {
      for (const ask of asksOfUse(use)) {
        const decision = await decide(askerOf(use.role), ask, deployment.resourcePolicies.get(ask.resource));
        if ((decision === 'Allowed') !== (wanted === 'allowed')) wrong.push(`${use.name}: ${JSON.stringify(ask)}`);
      }
    }
    return wrong;
  }

  it('are all roles that the templates make, but those of CDK', () => {
    const used = uses.map(({ role }) => role.arn);
    const others = deployment.roles.filter((arn) => !used.includes(arn) && !NOT_OURS.some((one) => one.test(arn)));
    expect(others).toEqual([]);
  });

  it('allow every request', async () => {
    expect(uses.filter(({ asks, role }) => asks.length === 0 && role.policies.length > 0)).toEqual([]);
    expect(await unlike('allowed', ({ asks }) => asks)).toEqual([]);
  });

  it('allow nothing that is not used, but for what CDK writes', async () => {
    const unused = await Promise.all(uses.map(({ role, asks }) => unusedGrants(role, asks)));
    expect(unused.flat().filter((grant) => !EXCEPTIONS.some((it) => it.grant.test(grant)))).toEqual([]);
  });

  it('refuse the same requests about other clusters, parameters, queues, topics, and services of others', async () => {
    expect(await unlike('refused', ({ asks }) => asks.flatMap(elsewhere))).toEqual([]);
  });

  it('refuse what only other roles need', async () => {
    const all = distinct(uses.flatMap(({ asks }) => asks));
    const needs = ({ asks }: Use, { action }: Ask): boolean => asks.some((own) => own.action === action);
    expect(await unlike('refused', (use) => all.filter((ask) => !needs(use, ask)))).toEqual([]);
  });
});
