/** Scrape jobs and a pipeline of the user in the templates: where the secrets are, and where they are not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  CollectorSecurityGroup,
  Collectors,
  type CollectorsProps,
  EcsPrometheusDiscovery,
  PropsError,
  Workspace,
} from '../../infra/index.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { container } from './containers.ts';
import { allowed, only, stack, written } from './resources.ts';
import { appOf, type Context, removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

const arnOf = (name: string): string => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const LOGIN = {
  username: { secret: arnOf('login'), field: 'user', key: KEY },
  password: { secret: arnOf('login'), field: 'password', key: KEY },
};
const JOBS = [
  { job_name: 'payments', scheme: 'https', basic_auth: LOGIN },
  { job_name: 'again', scheme: 'https', basic_auth: LOGIN },
  { job_name: 'batch', scheme: 'https', authorization: { credentials: { secret: arnOf('token') } } },
];
const OWN: Context = {
  collectorPipeline: join(PROJECT_ROOT, 'test/fixtures/pipelines/own.yml'),
  collectorSecrets: { PROXY_TOKEN: { secret: arnOf('proxy') } },
};

const PIPELINE = readFileSync(join(PROJECT_ROOT, 'test/fixtures/pipelines/own.yml'), 'utf8');

const secretsOf = (settings: Context) => {
  const secrets = container(stack('metrics', settings), 'collector')['Secrets'] as {
    Name: string;
    ValueFrom: unknown;
  }[];
  return Object.fromEntries(secrets.map(({ Name, ValueFrom }) => [Name, written(ValueFrom)]));
};
const pipelineOf = (settings: Context): string =>
  String(only(stack('metrics', settings), 'AWS::SSM::Parameter').Properties['Value']);

describe('scrape jobs in the template', () => {
  it('have each secret once in the environment of the collector, by its ARN and field', () => {
    expect(secretsOf({ scrapeJobs: JOBS })).toEqual({
      AOT_CONFIG_CONTENT: expect.any(String),
      SCRAPE_SECRET_1: `${arnOf('login')}:user::`,
      SCRAPE_SECRET_2: `${arnOf('login')}:password::`,
      SCRAPE_SECRET_3: arnOf('token'),
    });
    const asked = [...pipelineOf({ scrapeJobs: JOBS }).matchAll(/SCRAPE_SECRET_\d/g)].map(([name]) => name);
    expect(asked).toEqual([1, 2, 1, 2, 3].map((number) => `SCRAPE_SECRET_${number}`));
  });

  it('let the execution role read these secrets through Secrets Manager, and nobody else', () => {
    const template = stack('metrics', { scrapeJobs: JOBS });
    const ofSecrets = (policy: RegExp) => allowed(template, policy).filter((one) => /secretsmanager|kms/.test(one));
    expect([...new Set(ofSecrets(/ExecutionRole/))]).toEqual([
      `kms:Decrypt on ${KEY} if StringEquals`,
      `secretsmanager:GetSecretValue on ${arnOf('login')}`,
      `secretsmanager:GetSecretValue on ${arnOf('token')}`,
    ]);
    expect(ofSecrets(/TaskRole/)).toEqual([]);
  });

  it('keep target-sync without secrets', () => {
    expect(container(stack('metrics', { scrapeJobs: JOBS }), 'target-sync')['Secrets']).toBeUndefined();
  });

  it('are another pipeline, so that the collectors are replaced', () => {
    const { Name: before } = only(stack('metrics'), 'AWS::SSM::Parameter').Properties;
    expect(only(stack('metrics', { scrapeJobs: JOBS }), 'AWS::SSM::Parameter').Properties['Name']).not.toBe(before);
  });

  it('take the tier that they need', () => {
    const ca = readFileSync(join(PROJECT_ROOT, 'test/fixtures/tls/authority.pem'), 'utf8').repeat(5);
    const large = only(
      stack('metrics', { scrapeJobs: [{ job_name: 'a', tls_config: { ca } }] }),
      'AWS::SSM::Parameter',
    );
    expect(large.Properties['Tier']).toBe('Advanced');
    expect(only(stack('metrics', { scrapeJobs: JOBS }), 'AWS::SSM::Parameter').Properties['Tier']).toBe('Standard');
  });

  it('warn where they drop what alert rules and dashboards need', () => {
    const relabel_configs = [{ action: 'labeldrop', regex: 'task.*' }];
    const warnings = warningsOf({ scrapeJobs: [{ job_name: 'a', relabel_configs }] });
    expect(warnings).toEqual([expect.stringContaining('job a drops taskid: alert rules and dashboards find')]);
    expect(warningsOf({ scrapeJobs: JOBS })).toEqual([]);
  });

  it('warn where a task may have a login by a label alone', () => {
    const [job] = JOBS;
    const plain = { ...job, scheme: 'http' };
    expect(warningsOf({ scrapeJobs: [plain] })).toEqual([expect.stringContaining('over plain HTTP')]);
    const unchecked = { ...job, tls_config: { insecure_skip_verify: true } };
    expect(warningsOf({ scrapeJobs: [unchecked] })).toEqual([expect.stringContaining('whatever its certificate')]);
  });
});

const warningsOf = (settings: Context): string[] => {
  const app = appOf(settings);
  const found = app.node
    .findAll()
    .filter((one): one is Stack => Stack.isStack(one))
    .flatMap((one) => Annotations.fromStack(one).findWarning('*', Match.stringLikeRegexp('Collectors: ')));
  return found.map(({ entry }) => String(entry.data));
};

describe('a pipeline of the user in the template', () => {
  it('has its placeholders filled, and the secrets that it names', () => {
    const pipeline = pipelineOf({ ...OWN, scrapeJobs: JOBS });
    expect(pipeline).not.toContain('discovery:');
    expect(pipeline).toContain('"/etc/prometheus-targets/file_sd/*.json"');
    expect(pipeline).toContain('endpoint: 127.0.0.1:13133');
    expect(secretsOf({ ...OWN, scrapeJobs: JOBS })).toMatchObject({
      PROXY_TOKEN: arnOf('proxy'),
      SCRAPE_SECRET_3: arnOf('token'),
    });
  });

  it('warns of nothing where it has all that this project needs', () => {
    expect(warningsOf(OWN)).toEqual([]);
  });
});

describe('Collectors of another app', () => {
  const made = (more: (stack: Stack) => Partial<CollectorsProps>): Stack => {
    const own = new Stack(new App(), 'Team');
    const vpc = new Vpc(own, 'Vpc') as IVpc;
    const cluster = new Cluster(own, 'Cluster', { vpc }) as ICluster;
    const discovery = new EcsPrometheusDiscovery(own, 'Discovery', { clusters: [cluster], collectors: 1 });
    new Collectors(own, 'Collectors', {
      discovery,
      workspace: new Workspace(own, 'Workspace', { alias: 'team' }),
      placement: { cluster, subnets: { subnets: vpc.privateSubnets }, launchType: 'FARGATE', architecture: 'ARM64' },
      securityGroup: new CollectorSecurityGroup(own, 'Group', { vpc }),
      ...more(own),
    });
    return own;
  };

  it('take a secret that the app makes', () => {
    const own = made((scope) => {
      const { secretArn } = new Secret(scope, 'Token');
      return {
        scrapeJobs: [{ job_name: 'batch', authorization: { credentials: { secret: secretArn, field: 'token' } } }],
      };
    });
    const secrets = container(Template.fromStack(own), 'collector')['Secrets'] as {
      Name: string;
      ValueFrom: unknown;
    }[];
    expect(secrets.map(({ Name, ValueFrom }) => [Name, written(ValueFrom)])[1]).toEqual([
      'SCRAPE_SECRET_1',
      '<Token>:token::',
    ]);
  });

  it.each<[Partial<CollectorsProps>, readonly unknown[]]>([
    [
      { scrapeJobs: [{ job_name: 'a', scrape_interval: '1' }] },
      ['scrapeJobs: job 1, scrape_interval: must be a duration such as 30s or 1m30s'],
    ],
    [
      { scrapeJobs: [{ job_name: 'a', scrape_timeout: '20s' }], scrapeJob: 'a b' },
      [
        expect.stringMatching(/^scrapeJob must be up to 100/),
        'scrapeJobs: the scrape_timeout of job a is 20s, longer than its interval of 15s',
      ],
    ],
    [
      { pipeline: 'receivers: {}' },
      [expect.stringMatching(/^pipeline scrapes nothing/), 'pipeline has no service.pipelines'],
    ],
    [{ pipeline: `${PIPELINE}${'#'.repeat(9000)}` }, [expect.stringMatching(/^the pipeline of the collectors takes/)]],
  ])('refuse jobs and pipelines that are not right, in sentences: %j', (props, problems) => {
    let said: unknown;
    try {
      made(() => ({ secrets: { PROXY_TOKEN: { secret: arnOf('proxy') } }, ...props }));
    } catch (error) {
      said = error instanceof PropsError ? error.problems : error;
    }
    expect(said).toEqual(problems);
  });
});
