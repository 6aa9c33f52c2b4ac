/** `docs/settings.md`, written from the table of settings. `npm run settings-page` writes it; a test compares it. */
import { SETTING_GROUPS, type Setting } from './settings.ts';

const INTRODUCTION = `# Settings

Set one with \`npx cdk deploy --all -c name=value\`, or under \`context\` in \`cdk.json\`. A misspelt name, a bad value or two
settings that do not go together end the command with a sentence about each; nothing is deployed then.

Without any setting, \`cdk deploy --all\` deploys the whole reference system. \`cdk deploy --all -c clusters=prod,staging\`
deploys the discovery for clusters that exist, and nothing else.

| stack | is there | holds |
|---|---|---|
| \`<deployment>-cluster\` | without \`clusters\` | VPC, ECS cluster, EC2 instances, Cloud Map namespaces, security groups |
| \`<deployment>\` | always | the discovery: queues, functions, parameters, alarms |
| \`<deployment>-metrics\` | with \`collector\` | collectors, AMP workspace, Grafana |
| \`<deployment>-workload\` | with \`workload\` or \`nodeExporter\` | sample web application, node exporters |

[Changing what is deployed](upgrading.md) says for each setting what a change of it does, and what has to be destroyed
first: CDK forgets a stack that the settings do not ask for any more, and CloudFormation keeps what another stack uses.
\`npx cdk destroy --all\` deletes everything except the workspace with the metrics, which goes, too, if \`workspaceRemoval\`
is \`delete\`.

<!-- Written by \`npm run settings-page\` from infra/settings/settings.ts. -->
`;

const code = (text: string): string => `\`${text}\``;

/** A default as one would type it. */
function typed(value: unknown): string {
  if (value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)) return 'none';
  return code(Array.isArray(value) ? value.join(',') : String(value));
}

function row(name: string, { shape, fallback, fallbackDoc, doc }: Setting<unknown>): string {
  const standard = fallbackDoc ?? typed(fallback({ deployment: '', ownCluster: true, collector: true }));
  const cells = [code(name), doc, shape.accepts, standard];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The whole page. */
export function settingsPage(): string {
  const tables = Object.entries(SETTING_GROUPS).map(([group, settings]) => {
    const rows = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => row(name, setting));
    return [`## ${group}`, '', '| setting | | may be | default |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `${[INTRODUCTION, ...tables].join('\n')}\n`.replaceAll('\n## ', '\n\n## ').replaceAll('\n\n\n', '\n\n');
}
