/** The permissions that the command line needs, read from its sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';

/** What the command line uses of the adapters of the functions, none of it to write. */
const ADAPTERS = ['ecs', 'ec2', 'parameters', 'cloud-map', 'source-role'];
const NOT_USED = ['PutParameter', 'RegisterInstance', 'DeregisterInstance', 'ListInstances'];

/** Moving messages needs these beside the request itself (Amazon SQS developer guide, "Dead-letter queue redrive"). */
export const OF_A_MOVE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage'];

const SERVICES: Readonly<Record<string, string>> = {
  'client-cloudwatch-logs': 'logs',
  'client-servicediscovery': 'servicediscovery',
};

/** IAM calls one operation differently than the API does. */
const ACTIONS: Readonly<Record<string, string>> = { Invoke: 'InvokeFunction' };

export function permissionsOfCommandLine(): string[] {
  const cli = join(PROJECT_ROOT, 'infra/cli');
  const files = [
    ...readdirSync(cli, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
    ...ADAPTERS.map((name) => join(PROJECT_ROOT, `functions/aws/${name}.ts`)),
  ];
  return files.flatMap((file) => permissionsIn(readFileSync(file, 'utf8')));
}

/** A command is made with `new`, and imported from the client of its service. */
function permissionsIn(text: string): string[] {
  const imports = [
    ...text.matchAll(
      /import \{([^}]*)\} from '@aws-sdk\/(client-[\w-]+)'|const \{([^}]*)\} = await import\('@aws-sdk\/(client-[\w-]+)'\)/g,
    ),
  ];
  const [onlyClient] = [...text.matchAll(/@aws-sdk\/(client-[\w-]+)/g)].map(([, client = '']) => client);
  return [...text.matchAll(/new (\w+)Command\(/g)].flatMap(([, operation = '']) => {
    if (NOT_USED.includes(operation)) return [];
    const found = imports.find(([, names, , others]) =>
      `${names ?? ''}${others ?? ''}`.includes(`${operation}Command`),
    );
    const client = found?.[2] ?? found?.[4] ?? onlyClient ?? '';
    return [`${SERVICES[client] ?? client.replace('client-', '')}:${ACTIONS[operation] ?? operation}`];
  });
}
