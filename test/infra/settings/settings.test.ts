import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Target } from '../../../infra/settings/contradictions.ts';
import { readSettings, SettingsError } from '../../../infra/settings/read-settings.ts';
import { SETTINGS } from '../../../infra/settings/settings.ts';
import { settingsPage } from '../../../infra/settings/settings-page.ts';

const problemsOf = (context: Readonly<Record<string, unknown>>): readonly string[] => {
  try {
    readSettings(context);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

/** Existing clusters, and the network that what runs in them needs. */
const EXISTING = { clusters: 'prod', vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };

/** A cluster of another account and Region, and the bus of a deployment there. */
const ELSEWHERE = 'arn:aws:ecs:eu-north-1:444455556666:cluster/prod';
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/discovery';

describe('settings', () => {
  it('ask for the whole reference system when there are none', () => {
    expect(readSettings({})).toMatchObject({
      ownCluster: true,
      clusters: ['ecs-prometheus-discovery'],
      namespaces: ['ecs-services'],
      collector: true,
      workload: true,
      nodeExporter: true,
      ec2Instances: 2,
      grafana: false,
    });
  });

  it('ask for the discovery alone when existing clusters are named', () => {
    expect(readSettings({ clusters: 'prod,staging' })).toMatchObject({
      ownCluster: false,
      clusters: ['prod', 'staging'],
      namespaces: [],
      collector: false,
      workload: false,
      nodeExporter: false,
      ec2Instances: 0,
    });
  });

  it.each([
    ['one with the reference system', {}, 1],
    ['none with existing clusters alone', { clusters: 'prod' }, 0],
    ['none where the app shall run none', { collector: false }, 0],
    ['one with a collector in an existing cluster', { ...EXISTING, collector: 'true' }, 1],
    ['those of the user', { clusters: 'prod', collectors: '2' }, 2],
  ])('count the collectors that somebody runs: %s', (_, context, collectors) => {
    expect(readSettings(context).collectors).toBe(collectors);
  });

  it('are read from words and from JSON alike', () => {
    const words = { shards: '8', alarms: 'false', namespaces: 'a,b', scrapePorts: '3000,32768-65535' };
    const json = { shards: 8, alarms: false, namespaces: ['a', 'b'], scrapePorts: [3000, '32768-65535'] };
    expect(readSettings(words)).toEqual(readSettings(json));
    expect(readSettings(words).scrapePorts).toEqual([
      { from: 3000, to: 3000 },
      { from: 32_768, to: 65_535 },
    ]);
  });

  it('take a workspace by its id, or by a URL that also says the Region', () => {
    const workspaceId = 'ws-12345678-abcd-ef01-2345-6789abcdef01';
    const url = `https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/${workspaceId}/api/v1/remote_write`;
    expect(readSettings({ workspace: workspaceId }).workspace).toEqual({ workspaceId, region: undefined });
    expect(readSettings({ workspace: url }).workspace).toEqual({ workspaceId, region: 'eu-west-1' });
  });

  it('leave feature flags and look-ups of the CDK alone', () => {
    expect(
      problemsOf({ '@aws-cdk/core:anything': true, 'vpc-provider:account=1': {}, 'cli-telemetry': false }),
    ).toEqual([]);
  });

  it.each([
    ['shard', 'shard is not a setting; did you mean shards?'],
    ['scrape-ports', 'scrape-ports is not a setting; did you mean scrapePorts?'],
    ['colector', 'colector is not a setting; did you mean collector?'],
    ['somethingElse', 'somethingElse is not a setting; docs/settings.md lists them'],
  ])('refuse a name that is none: %s', (name, problem) => {
    expect(problemsOf({ [name]: '1' })).toEqual([problem]);
  });

  it.each([
    [{ clusters: '' }, /^clusters is empty/],
    [{ clusters: 'prod,prod' }, /^clusters names 'prod' twice/],
    [{ clusters: 'prod us' }, /^clusters must be a cluster name/],
    [{ deployment: 'aws-metrics' }, /^deployment must be up to 63/],
    [{ shards: '0' }, /^shards must be a whole number from 1 to 256/],
    [{ shards: '257' }, /^shards must be a whole number from 1 to 256/],
    [{ shards: '2.5' }, /^shards must be a whole number/],
    [{ shardTier: 'advanced' }, /^shardTier must be Advanced or Standard, not 'advanced'/],
    [{ collector: 'yes' }, /^collector must be true or false, not 'yes'/],
    [{ logRetentionDays: '8' }, /^logRetentionDays must be a period that CloudWatch Logs knows/],
    [{ scrapeJob: 'collector' }, /^scrapeJob must not be collector/],
    [{ scrapeJob: 'a b' }, /^scrapeJob must be up to 100 letters/],
    [{ scrapePorts: '0' }, /^scrapePorts must be ports from 1 to 65535/],
    [{ scrapePorts: '9000-8000' }, /^scrapePorts must be ports/],
    [{ scrapePorts: '70000' }, /^scrapePorts must be ports/],
    [{ scrapePorts: '80,80' }, /^scrapePorts names .* twice/],
    [{ scrapeRules: '{' }, /^scrapeRules must be a JSON array of scrape rules/],
    [{ scrapeRules: [{ service: 'a', port: 0 }] }, /^scrapeRules must be .* rule 1, port/],
    [{ scrapeRules: [{ service: 'a', port: 1, scheme: 'HTTPS' }] }, /rule 1, scheme: must be http or https$/],
    [{ scrapeRules: [{ service: 'a', exclude: false }] }, /rule 1, exclude: must be true, or left out$/],
    [
      { scrapeRules: [{ service: 'a', port: 1, labels: { cluster: 'x' } }] },
      /rule 1, labels, cluster: must be a label name that is neither reserved nor one of ours$/,
    ],
    [{ dockerLabels: 'env,cluster' }, /^dockerLabels names cluster, which the discovery or Prometheus keeps to itself/],
    [{ dockerLabels: ['__scheme__'] }, /^dockerLabels names __scheme__/],
    [{ tagLabels: 'taskid' }, /^tagLabels names taskid, which/],
    [{ tagLabels: 'team,job' }, /^tagLabels names job, which/],
    [{ tagLabels: 'a#b' }, /^tagLabels must be a key of a tag/],
    [{ extraLabels: 'zone' }, /^extraLabels must be availability_zone or launch_type or/],
    [{ dockerLabels: 'a b' }, /^dockerLabels must be a name of a docker label/],
    [{ clusters: 'arn:aws:ecs:eu-west-1:111122223333:service/prod' }, /^clusters must be a cluster name or the ARN/],
    [{ clusters: `${ELSEWHERE}${'x'.repeat(200)}` }, /^clusters must be a cluster name or the ARN/],
    [{ clusters: `${ELSEWHERE},${ELSEWHERE}` }, /^clusters names .* twice/],
    [{ clusters: 'prod', externalId: 'a b' }, /^externalId must be 2 to 1,224 letters/],
    [{ clusters: 'prod', forwardTo: 'arn:aws:sqs:eu-west-1:111122223333:q' }, /^forwardTo must be the ARN of an event/],
    [{ resyncSchedule: 'hourly' }, /^resyncSchedule must be off or a rate/],
    [{ resyncSchedule: 'rate(1 hours)' }, /^resyncSchedule must be off or a rate/],
    [{ collectorCpu: '300' }, /^collectorCpu must be 256, 512/],
    [{ workspace: 'arn:aws:aps:eu-west-1:123456789012:workspace/ws-1' }, /^workspace must be the id/],
    [{ workspace: 'https://example.com/workspaces/ws-12345678' }, /^workspace must be the id/],
    [{ namespacesParameter: 'shared/namespaces' }, /^namespacesParameter must be .* begins with a slash/],
    [{ vpcCidr: '10.0.256.0/16' }, /^vpcCidr must be an IPv4 range/],
    [{ vpcCidr: '10.0.0.0/8' }, /^vpcCidr must be an IPv4 range/],
    [{ vpcId: 'vpc-1' }, /^vpcId must be the id of a VPC/],
    [{ alarmEmail: 'nobody' }, /^alarmEmail must be an e-mail address/],
    [{ alarmTopicArn: 'topic' }, /^alarmTopicArn must be the ARN of an SNS topic/],
  ])('refuse a bad value and say what is valid: %j', (context, problem) => {
    expect(problemsOf(context)).toEqual([expect.stringMatching(problem)]);
  });

  it('tell all problems at once', () => {
    expect(problemsOf({ shards: '0', alarms: 'maybe', shard: '1' })).toHaveLength(3);
  });

  it.each([
    [{ collectors: 5 }, /^collectors is 5, but each cluster has only 4 shards/],
    [{ alarmEmail: 'a@b.c', alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:t' }, /exclude each other/],
    [{ alarms: false, alarmEmail: 'a@b.c' }, /^alarms is false, but/],
    [{ collectors: 0 }, /^collector is true, but collectors is 0/],
    [{ clusters: 'prod', functionSubnetIds: EXISTING.subnetIds }, /^functionSubnetIds and functionSecurityGroupIds/],
    [
      { functionSecurityGroupIds: 'sg-0123456789abcdef0' },
      /^functionSubnetIds and functionSecurityGroupIds go together/,
    ],
    [{ vpcId: EXISTING.vpcId }, /^vpcId and subnetIds go together/],
    [{ subnetIds: EXISTING.subnetIds }, /^vpcId and subnetIds go together/],
    [{ clusters: 'prod', collector: true }, /^collector: in an existing cluster this needs vpcId and subnetIds/],
    [{ clusters: 'prod', workload: true, nodeExporter: true }, /^workload, nodeExporter: in an existing cluster/],
    [{ ...EXISTING, ec2Instances: 2 }, /^ec2Instances is for the cluster that the app makes/],
    [{ launchType: 'EC2', ec2Instances: 0 }, /^launchType is EC2, but ec2Instances is 0/],
    [{ ec2Instances: 5 }, /^ec2MaxInstances is 4, less than ec2Instances/],
    [
      { launchType: 'EC2', ec2InstanceType: 't3.small' },
      /^architecture is ARM64, but instances of type t3.small are X86_64/,
    ],
    [{ collectorMemory: 5000 }, /^Fargate has no 5000 MiB with 512 CPU units/],
    [{ clusters: ELSEWHERE, namespaces: 'a' }, /^namespaces are of this account and Region, but all clusters/],
    [{ clusters: ELSEWHERE, namespacesParameter: '/a' }, /^namespaces are of this account and Region/],
    [
      { ...EXISTING, clusters: ELSEWHERE, collector: true },
      /^collector: this runs in the first of the clusters that is/,
    ],
    [{ forwardTo: BUS }, /^forwardTo .* that exist here: name/],
    [{ clusters: `prod,${ELSEWHERE}`, forwardTo: BUS }, /^forwardTo lets .* name them, not arn:aws:ecs:eu-north-1/],
    [{ ...EXISTING, collector: true, forwardTo: BUS }, /^forwardTo deploys .* leave out collector/],
    [{ ...EXISTING, grafana: true }, /^grafana shows what the collectors/],
  ])('refuse what does not go together: %j', (context, problem) => {
    expect(problemsOf(context)).toEqual([expect.stringMatching(problem)]);
  });

  it('do not name a cluster by its ARN that is where the app is deployed', () => {
    const problems = (target: Target) => {
      try {
        return readSettings({ clusters: ELSEWHERE }, target);
      } catch (error) {
        return (error as SettingsError).problems;
      }
    };
    expect(problems({ account: '444455556666', region: 'eu-north-1' })).toEqual([
      expect.stringMatching(
        /^clusters names .* is in the account and Region that is deployed to: give its name, prod$/,
      ),
    ]);
    expect(problems({ account: '444455556666', region: 'eu-west-1' })).toMatchObject({ clusters: [ELSEWHERE] });
    expect(problems({})).toMatchObject({ clusters: [ELSEWHERE] });
  });

  it.each([
    [{ launchType: 'EC2', collectorMemory: 700 }],
    [{ launchType: 'EC2', ec2InstanceType: 't3.small', architecture: 'X86_64' }],
    [{ ...EXISTING, collector: true, launchType: 'EC2' }],
    [{ collectors: 4, shards: 4 }],
    [{ clusters: 'prod', collectors: 0 }],
    [{ clusters: 'a', shards: 256 }],
    [{ clusters: ELSEWHERE }],
    [{ clusters: `prod,${ELSEWHERE}`, namespaces: 'a' }],
    [{ ...EXISTING, clusters: `${ELSEWHERE},prod`, collector: true }],
    [{ clusters: 'prod', forwardTo: BUS, externalId: 'x-1' }],
  ])('take what goes together: %j', (context) => {
    expect(problemsOf(context)).toEqual([]);
  });
});

describe('docs/settings.md', () => {
  const page = () => readFile(join(import.meta.dirname, '../../../docs/settings.md'), 'utf8');

  it('is what the table of settings says; npm run settings-page writes it', async () => {
    expect(await page()).toBe(settingsPage());
  });

  it('names every setting exactly once', async () => {
    const text = await page();
    for (const name of Object.keys(SETTINGS)) expect(text.split(`\n| \`${name}\` |`)).toHaveLength(2);
  });
});
