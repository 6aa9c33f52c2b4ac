/** What every command works with: the account, the terminal, the time. */

import { isDenied } from '../../functions/aws/errors.ts';
import type { Clock } from '../../functions/discovery/clock.ts';
import { clusterArnOf } from '../../functions/discovery/cluster/cluster-key.ts';
import { lookUps } from '../../functions/lambda/dependencies.ts';
import type { AccountClients, ConnectionOptions } from './account/account-clients.ts';
import { type Deployment, findDeployment } from './account/deployment.ts';
import { lookUpClients } from './account/look-up-clients.ts';
import type { Exchange } from './account/requests.ts';
import { SILENT } from './account/silent-report.ts';
import { Problem } from './problem.ts';
import type { LookUps } from './why/facts.ts';

export interface Terminal {
  readonly print: (...lines: readonly string[]) => void;
  /** Says what goes on while a person waits; the next one takes its place. Nothing where the output is no terminal. */
  readonly progress: (text: string) => void;
  readonly columns: number;
}

export interface CliParts {
  readonly connect: (options: ConnectionOptions, onExchange?: (exchange: Exchange) => void) => AccountClients;
  readonly terminal: Terminal;
  readonly clock: Clock;
}

/** Options that all commands have. */
export interface CommonOptions extends ConnectionOptions {
  readonly deployment: string;
  readonly json?: boolean | undefined;
}

export interface Session extends CliParts {
  readonly clients: AccountClients;
  readonly deployment: Deployment;
  /**
   * What this person may not ask says nothing about a task.
   *
   * @throws the first refusal of AWS
   */
  readonly failIfDenied: () => void;
}

/** Without them there is less to see, and nothing wrong; a role that cannot be assumed is said with its cluster. */
const OPTIONAL = ['GetMetricData', 'ListStacks', 'ListStackResources', 'AssumeRole'];

/** @throws Problem where there is no such deployment, or what AWS answers */
export async function openSession(
  parts: CliParts,
  options: CommonOptions,
  onExchange?: (exchange: Exchange) => void,
): Promise<Session> {
  parts.terminal.progress('Looking up the deployment …');
  let denied: Error | undefined;
  const clients = parts.connect(options, (exchange) => {
    if (isDenied(exchange.answer) && !OPTIONAL.includes(exchange.operation)) denied ??= exchange.answer as Error;
    onExchange?.(exchange);
  });
  const deployment = await findDeployment(clients, options.deployment);
  parts.terminal.progress('Asking AWS …');
  const failIfDenied = (): void => {
    if (denied) throw denied;
  };
  return { ...parts, clients, deployment, failIfDenied };
}

export const sessionLookUps = ({ clients, deployment, clock }: Session): LookUps =>
  lookUps({ clients: lookUpClients(clients), settings: deployment.settings, report: SILENT, clock });

/**
 * The clusters that a command is about: the one that was named, by its ARN, too, or all that are watched.
 *
 * @throws Problem where that one is not watched
 */
export function clustersOf({ deployment }: Session, cluster: string | undefined): readonly string[] {
  const { clusters, here } = deployment.settings;
  if (cluster === undefined) return clusters;
  const found = clusters.find((key) => key === cluster || clusterArnOf(key, here) === cluster);
  if (found !== undefined) return [found];
  throw new Problem(
    `Cluster ${cluster} is not watched by ${deployment.name}.`,
    `It watches ${clusters.join(', ')}. Name another deployment with --deployment, or add the cluster to the setting clusters.`,
  );
}

export const printJson = ({ print }: Terminal, value: unknown): void => print(JSON.stringify(value, undefined, 2));
