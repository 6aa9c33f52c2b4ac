/** `docs/upgrading.md`: what a change of each setting does to a deployment. `npm run upgrading` writes it; a test compares it. */
import type { SettingName } from '../../../infra/settings/settings.ts';
import type { Value } from './cases.ts';
import type { Change } from './update.ts';
import type { Transition } from './walk.ts';

const INTRODUCTION = `# Changing what is deployed

What \`npx cdk deploy --all\` does when a setting has another value than at the last deployment. Changes of the code itself
are in the [changelog](../CHANGELOG.md); how to upgrade and what to watch meanwhile, in
[operations](operations.md#changes).

**Deploy** means: deploy with the new value; CloudFormation does the rest. **Destroy first** means that CloudFormation
would refuse the change half way, or that CDK would leave a stack behind. Then destroy the stacks named there *with the
settings that they were deployed with*, in one command, and deploy with the new value:

\`\`\`sh
npx cdk destroy ecs-prometheus-discovery-workload ecs-prometheus-discovery-metrics
npx cdk deploy --all -c clusters=staging,prod -c workspace=ws-…
\`\`\`

- While \`…-metrics\` is gone nothing is scraped. The workspace with the metrics stays, unless \`workspaceRemoval\` is
  \`delete\`: name it with \`-c workspace=…\` from then on, or the app makes a new one. Its id is in the output
  \`PrometheusUrl\`.
- While the discovery stack is gone, events are lost; the first resync of the new one finds what runs.
- \`…-workload\` is the sample workload; yours is not touched.

**Refused** means that the command ends with this sentence, and nothing is deployed.

The table lists what CloudFormation replaces, removes or adds of what holds something or has a name. Cluster: *own* is
one that the app makes, with all the rest at its defaults; *existing* is one that \`clusters\` names, with collectors,
namespaces and the sample workload. "With" names what is set together with a value.

<!-- The rest is written by \`npm run upgrading\`: templates of both values, compared by the rules of CloudFormation. -->

`;

/** What holds something, or is known to others by its name. */
const NOUNS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  'AWS::APS::Workspace': ['workspace with the metrics', 'workspaces'],
  'AWS::AutoScaling::AutoScalingGroup': ['group of instances', 'groups of instances'],
  'AWS::CloudWatch::Dashboard': ['CloudWatch dashboard', 'CloudWatch dashboards'],
  'AWS::EC2::NatGateway': ['NAT gateway', 'NAT gateways'],
  'AWS::EC2::SecurityGroup': ['security group', 'security groups'],
  'AWS::EC2::Subnet': ['subnet', 'subnets'],
  'AWS::EC2::VPC': ['VPC', 'VPCs'],
  'AWS::ECS::Cluster': ['ECS cluster', 'ECS clusters'],
  'AWS::ECS::Service': ['ECS service', 'ECS services'],
  'AWS::ECS::TaskDefinition': ['task definition', 'task definitions'],
  'AWS::Grafana::Workspace': ['Grafana', 'Grafanas'],
  'AWS::Logs::LogGroup': ['log group', 'log groups'],
  'AWS::SNS::Topic': ['SNS topic', 'SNS topics'],
  'AWS::SQS::Queue': ['queue', 'queues'],
  'AWS::SSM::Parameter': ['parameter', 'parameters'],
  'AWS::ServiceDiscovery::PrivateDnsNamespace': ['Cloud Map namespace', 'Cloud Map namespaces'],
  'AWS::ServiceDiscovery::Service': ['Cloud Map service', 'Cloud Map services'],
};

const ORDER: readonly Change['what'][] = ['replaces', 'removes', 'leaves behind', 'adds'];

/** `replaces 2 ECS services, removes 1 queue` */
function inWords(changes: readonly Change[]): string {
  const parts = ORDER.flatMap((what) => {
    const counted = Object.entries(NOUNS).flatMap(([type, [one, more]]) => {
      const count = changes.filter((change) => change.what === what && change.type === type).length;
      return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`];
    });
    return counted.length === 0 ? [] : [`${what} ${counted.join(', ')}`];
  });
  return parts.join('; ');
}

const shortIds = (text: string): string =>
  text
    .replaceAll(/(vpc|subnet|sg)-0123456789abcdef/g, '$1-…')
    .replaceAll(/arn:aws:secretsmanager:[^"]*:secret:/g, 'arn:…:')
    .replaceAll('test/fixtures/pipelines/', '');
const code = (text: string): string => `\`${shortIds(text)}\``;

/** Most of the reasons that a cell tells. */
const REASONS = 2;

/** Where a page says what happens during the deployment. */
const MEANWHILE: Partial<Record<SettingName, string>> = {
  clusters: 'operations.md#add-or-remove-a-cluster',
  shards: 'operations.md#change-the-number-of-shards',
  collectors: 'operations.md#restart-replace-or-add-collectors',
};

function verdictInWords({ setting, surrounding, verdict }: Transition): string {
  const page = MEANWHILE[setting];
  if (verdict.kind === 'allowed') return page === undefined ? 'Deploy.' : `Deploy; [meanwhile](${page}).`;
  if (verdict.kind === 'refused') return `Refused: ${verdict.sentences.join('; ')}.`;
  const all = verdict.stacks.length === (surrounding === 'own' ? 4 : 3);
  const stacks = verdict.stacks.map((ending) => (ending === '' ? 'the discovery stack' : code(`…${ending}`)));
  const reasons = verdict.dangers
    .slice(0, REASONS)
    .map((danger) => danger.replaceAll('`ecs-prometheus-discovery', '`…'));
  const more = verdict.dangers.length - reasons.length;
  const why = [...reasons, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  return `**Destroy first** ${all ? 'everything' : stacks.join(' and ')}: ${why}.`;
}

function said(setting: string, { value, together = {} }: Value, other: Value): string {
  const own = Object.entries(together).filter(([name, one]) => name !== setting && other.together?.[name] !== one);
  const word = value === undefined ? 'default' : value === '' ? 'none' : code(String(value));
  return own.length === 0 ? word : `${word} with ${own.map(([name, one]) => code(`${name}=${one}`)).join(', ')}`;
}

interface Row {
  readonly setting: string;
  readonly cluster: string;
  readonly changes: string;
  readonly verdict: string;
}

/** The values of transitions that come to the same, each pair once where both directions do. */
function pairs(transitions: readonly Transition[]): string {
  const both = ({ from, to }: Transition): boolean => transitions.some((one) => one.from === to && one.to === from);
  const seen = new Set<string>();
  return transitions
    .flatMap((one) => {
      const [from, to] = [said(one.setting, one.from, one.to), said(one.setting, one.to, one.from)];
      if (seen.has(`${to} ↔ ${from}`)) return [];
      const text = `${from} ${both(one) ? '↔' : '→'} ${to}`;
      seen.add(text);
      return [text];
    })
    .join('; ');
}

function rowsOf(transitions: readonly Transition[]): string[] {
  const groups = Map.groupBy(transitions, (one) =>
    JSON.stringify({
      setting: one.setting,
      cluster: one.surrounding,
      changes: inWords(one.changes),
      verdict: verdictInWords(one),
    } satisfies Row),
  );
  const rows = [...groups].map(([key, group]) => ({ ...(JSON.parse(key) as Row), change: pairs(group) }));
  const merged = Map.groupBy(rows, ({ cluster: _, ...same }) => JSON.stringify(same));
  return [...merged.values()].flatMap(([row, other]) => {
    if (row === undefined) return [];
    const cells = [code(row.setting), row.change, other ? 'both' : row.cluster, row.changes || '–', row.verdict];
    return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`];
  });
}

/** The whole page. */
export function upgradingPage(transitions: readonly Transition[]): string {
  const head = ['| setting | from → to | cluster | CloudFormation | what to do |', '|---|---|---|---|---|'];
  return `${INTRODUCTION}${[...head, ...rowsOf(transitions)].join('\n')}\n`;
}
