/** What is there before a block of a page runs, and what it did. */
import { expect } from '@jest/globals';
import { taskId } from '../../integration/events.ts';
import type { Block } from './blocks.ts';
import type { Reader } from './reader.ts';
import { TASK } from './reference-system.ts';

interface Chapter {
  readonly page: string;
  /** Words that are in one block of the page alone. */
  readonly with: string;
  readonly before?: (reader: Reader) => Promise<void>;
  readonly after?: (reader: Reader, printed: string) => void | Promise<void>;
}

/** Pages in the order in which somebody has use for them: the first deploys, the last destroys. */
export const ORDER: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/costs.md',
  'docs/settings.md',
  'docs/elsewhere.md',
  'docs/migrating.md',
  'docs/scraping.md',
  'docs/operations.md',
  'docs/upgrading.md',
];

const STACK = 'ecs-prometheus-discovery';
const NOTHING_DIFFERS = 'Nothing differed. 1 unchanged';

const NAMESPACES = { namespacesParameter: 'ECS-ServiceDiscovery-Namespaces' };

/** What the collectors need, without the groups of the tasks: what is refused says why. */
const collector = ({ placeholders }: Reader): Record<string, string> => ({
  collector: 'true',
  vpcId: placeholders.get('vpc-…') ?? '',
  subnetIds: placeholders.get('subnet-…,subnet-…') ?? '',
  workspace: placeholders.get('ws-…') ?? '',
});

async function deploy(reader: Reader, settings: Readonly<Record<string, string>>): Promise<void> {
  await reader.keep(settings);
  await reader.sh('npx cdk deploy --all');
}

const stacks = (reader: Reader): Promise<string> =>
  reader.ask(
    `aws cloudformation list-stacks --query "StackSummaries[?starts_with(StackName, '${STACK}') && StackStatus!='DELETE_COMPLETE'].StackName" --output text`,
  );

const output = (reader: Reader, name: string): Promise<string> =>
  reader.ask(
    `aws cloudformation describe-stacks --stack-name ${STACK} --query "Stacks[0].Outputs[?OutputKey=='${name}'].OutputValue" --output text`,
  );

const parameters = (reader: Reader, cluster: string): Promise<string> =>
  reader.ask(`aws ssm get-parameters-by-path --path /${STACK}/${cluster}/targets --query 'length(Parameters)'`);

const wantedTasks = (reader: Reader): Promise<string> =>
  reader.ask(`aws ecs describe-services --cluster prod --services ADOTService --query 'services[0].desiredCount'`);

const OF_README: readonly Chapter[] = [
  {
    page: 'README.md',
    with: 'npx cdk bootstrap',
    after: async (reader) => {
      expect(await stacks(reader)).toBe(STACK);
      // The whole app was synthesised, though only a part of it was deployed.
      await reader.publishImages();
    },
  },
  {
    page: 'README.md',
    with: 'resync',
    after: (_, printed) => expect(printed).toContain('Changed: 1 added'),
  },
];

const OF_OTHERS: readonly Chapter[] = [
  {
    page: 'CONTRIBUTING.md',
    with: 'npx cdk diff',
    before: ({ keep }) => keep({ clusters: 'prod,staging' }),
    after: (_, printed) => expect(printed).toContain('Number of stacks with differences: 0'),
  },
  {
    page: 'docs/costs.md',
    with: 'npm run costs',
    after: (_, printed) => expect(printed).toContain('40 services, 300 tasks'),
  },
  {
    page: 'docs/scraping.md',
    with: 'describe-secret',
    after: (_, printed) => expect(printed).toMatch(/arn:aws:secretsmanager:.*:secret:login-/),
  },
  {
    page: 'docs/scraping.md',
    with: 'create-service',
    after: (_, printed) => expect(JSON.parse(printed).Service).toMatchObject({ Name: 'shop' }),
  },
  {
    page: 'docs/scraping.md',
    with: 'get-random-password',
    after: (_, printed) => expect(JSON.parse(printed).RandomPassword).toMatch(/^[^$]+$/),
  },
  {
    page: 'docs/elsewhere.md',
    with: 'AWS_REGION=eu-north-1',
    before: async ({ sh }) => void (await sh('AWS_REGION=eu-north-1 npx cdk bootstrap')),
    after: (_, printed) => expect(printed).toContain('role/ecs-prometheus-discovery-source-eu-north-1'),
  },
];

const OF_MIGRATING: readonly Chapter[] = [
  {
    page: 'docs/migrating.md',
    with: 'npx cdk deploy ecs-prometheus-discovery',
    before: ({ keep }) => keep({}),
    after: (_, printed) => expect(printed).toContain(`✅  ${STACK}`),
  },
  {
    page: 'docs/migrating.md',
    with: 'resync --dry-run',
    after: (_, printed) => {
      expect(printed).toContain(NOTHING_DIFFERS);
      expect(printed).toContain('http://10.249.47.254:8080/metrics');
    },
  },
  {
    page: 'docs/migrating.md',
    with: '--desired-count 0',
    before: (reader) =>
      deploy(reader, {
        clusters: 'prod',
        ...NAMESPACES,
        ...collector(reader),
      }),
    after: async (reader) => expect(await wantedTasks(reader)).toBe('0'),
  },
  {
    page: 'docs/migrating.md',
    with: '--desired-count 1',
    after: async (reader) => expect([await wantedTasks(reader), await stacks(reader)]).toEqual(['1', STACK]),
  },
  {
    page: 'docs/migrating.md',
    with: 'delete-service',
    before: async ({ sh, ask, placeholders }) => {
      await sh('aws ecs update-service --cluster YOUR_CLUSTER --service ADOTService --desired-count 0');
      const collectorService = `aws servicediscovery list-services --query "Services[?Name=='adot-collector-svc'].Id" --output text`;
      placeholders.set('srv-EXAMPLE', await ask(collectorService));
    },
    after: async ({ ask }) => {
      const left = [
        `aws ecs list-services --cluster prod --query 'serviceArns[?contains(@, \`ADOT\`)]' --output text`,
        'aws ecs list-task-definitions --family-prefix AdotTask --query taskDefinitionArns --output text',
        `aws servicediscovery list-services --query "Services[?Name=='adot-collector-svc'].Id" --output text`,
        `aws ssm get-parameters --names otel-collector-config --query 'Parameters[].Name' --output text`,
      ];
      expect(await Promise.all(left.map(ask))).toEqual(['', '', '', '']);
    },
  },
  {
    page: 'docs/migrating.md',
    with: 'role=ECS-ADOT-Task-Role',
    after: async ({ ask }) => {
      const left = [
        `aws iam list-roles --query "Roles[?RoleName=='ECS-ADOT-Task-Role'].Arn" --output text`,
        `aws iam list-policies --scope Local --query "Policies[?PolicyName=='ECSAdotTaskPolicy'].Arn" --output text`,
      ];
      expect(await Promise.all(left.map(ask))).toEqual(['', '']);
    },
  },
];

const OF_OPERATIONS: readonly Chapter[] = [
  {
    page: 'docs/operations.md',
    with: '--help',
    before: (reader) => deploy(reader, { clusters: 'prod', ...NAMESPACES, nodeExporter: 'true', ...collector(reader) }),
  },
  {
    page: 'docs/operations.md',
    with: '--record task.json',
    after: (_, printed) => expect(printed.match(/^Task .*service shop, cluster prod$/gm)).toHaveLength(2),
  },
  {
    page: 'docs/operations.md',
    with: 'resync --task TASK_ID',
    after: (_, printed) => expect(printed).toContain('1 unchanged'),
  },
  {
    page: 'docs/operations.md',
    with: 'aws lambda invoke',
    before: async (reader) => void reader.placeholders.set('RESYNC_FUNCTION', await output(reader, 'ResyncFunction')),
    after: async ({ ask }) =>
      expect(JSON.parse(await ask('cat answer.json'))).toMatchObject({
        dryRun: true,
        clusters: [{ cluster: 'prod', unchanged: 1 }],
      }),
  },
  {
    page: 'docs/operations.md',
    with: 'purge-queue',
    before: async (reader) => {
      reader.placeholders.set('QUEUE_URL', await output(reader, 'ObserveDeadLetters'));
      await reader.sh('aws sqs send-message --queue-url QUEUE_URL --message-body {');
    },
    after: async ({ ask }) =>
      expect(
        await ask(
          `aws sqs get-queue-attributes --queue-url QUEUE_URL --attribute-names ApproximateNumberOfMessages --query '*.ApproximateNumberOfMessages' --output text`,
        ),
      ).toBe('0'),
  },
  {
    page: 'docs/operations.md',
    with: 'AWS::Logs::LogGroup',
    after: (_, printed) => {
      expect(printed.match(/^\w+\t\S+$/gm)?.length).toBeGreaterThan(5);
      expect(printed).toMatch(/^Discovery.*^Collectors0/ms);
    },
  },
  {
    page: 'docs/operations.md',
    with: 'describe-services',
    before: async ({ sh }) =>
      void (await sh(
        `aws ecs create-service --cluster prod --service-name webapp --task-definition ${STACK}-collector-0 --desired-count 0`,
      )),
    after: (_, printed) => expect(JSON.parse(printed)).toBeInstanceOf(Array),
  },
  {
    page: 'docs/operations.md',
    with: 'aws ecs list-tasks',
    after: (_, printed) => expect(Number(printed.split('\n')[0])).toBeGreaterThan(0),
  },
  {
    page: 'docs/operations.md',
    with: 'update-service-setting',
    after: async ({ ask }) =>
      expect(
        await ask(
          'aws ssm get-service-setting --setting-id /ssm/parameter-store/high-throughput-enabled --query ServiceSetting.SettingValue --output text',
        ),
      ).toBe('true'),
  },
  {
    page: 'docs/operations.md',
    with: 'npx cdk diff --all',
    after: (_, printed) => {
      expect(printed).toContain('Number of stacks with differences: 0');
      expect(printed).toContain(NOTHING_DIFFERS);
    },
  },
  {
    page: 'docs/operations.md',
    with: 'shards=16',
    after: async (reader, printed) => {
      expect(await parameters(reader, 'prod')).toBe('16');
      expect(printed).toContain('unchanged');
    },
  },
  {
    page: 'docs/operations.md',
    with: 'clusters=prod,staging',
    after: async (reader) => expect(await parameters(reader, 'staging')).toBe('4'),
  },
  {
    page: 'docs/operations.md',
    with: 'deregister-instance',
    before: async ({ sh, ask, placeholders }) => {
      const own = `aws servicediscovery list-services --query "Services[?Name=='shop'].Id" --output text`;
      placeholders.set('srv-EXAMPLE', await ask(own));
      await sh(
        'aws servicediscovery register-instance --service-id srv-EXAMPLE --instance-id TASK_ID --attributes AWS_INSTANCE_IPV4=10.0.0.1,ECS_CLUSTER_NAME=staging',
      );
    },
    after: async ({ ask }, printed) => {
      expect(printed).toContain(taskId(TASK));
      const left = `aws servicediscovery list-instances --service-id srv-EXAMPLE --query 'Instances[].Id' --output text`;
      expect(await ask(left)).toBe('');
    },
  },
  {
    page: 'docs/operations.md',
    with: '--force-new-deployment',
    after: (_, printed) =>
      expect(JSON.parse(printed).service).toMatchObject({ serviceName: `${STACK}-collector-0`, desiredCount: 1 }),
  },
  {
    page: 'docs/operations.md',
    with: 'disable-rule',
    after: async ({ ask }) =>
      expect(await ask(`aws events list-rules --query "Rules[?State!='ENABLED'].Name" --output text`)).toBe(''),
  },
  {
    page: 'docs/operations.md',
    with: 'npx cdk destroy --all',
    after: async (reader) => expect(await stacks(reader)).toBe(''),
  },
];

const OF_UPGRADING: readonly Chapter[] = [
  {
    page: 'docs/upgrading.md',
    with: 'npx cdk destroy',
    before: (reader) =>
      deploy(reader, { clusters: 'prod,staging', ...NAMESPACES, nodeExporter: 'true', ...collector(reader) }),
    after: async (reader, printed) => {
      expect(printed).toContain(`✅  ${STACK}-metrics: destroyed`);
      expect(printed).toContain(`✅  ${STACK}-workload: destroyed`);
      expect((await stacks(reader)).split('\t').sort()).toEqual([STACK, `${STACK}-metrics`, `${STACK}-workload`]);
    },
  },
];

export const CHAPTERS: readonly Chapter[] = [
  ...OF_README,
  ...OF_OTHERS,
  ...OF_MIGRATING,
  ...OF_OPERATIONS,
  ...OF_UPGRADING,
];

export const chapterOf = ({ page, lines }: Block): Chapter | undefined =>
  CHAPTERS.find((it) => it.page === page && lines.join('\n').includes(it.with));
