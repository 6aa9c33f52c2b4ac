/** A deployment as CloudFormation and Lambda know it: what its parts are called, and its settings. */
import { DescribeStacksCommand, ListStacksCommand, type Output } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { allPages } from '../../../functions/aws/paging.ts';
import { nearest } from '../../../functions/discovery/nearest.ts';
import { InvalidEnvironment, readSettings } from '../../../functions/lambda/environment.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { Problem } from '../problem.ts';
import type { AccountClients } from './account-clients.ts';

export interface Deployment {
  /** Name of the deployment and of its stack. */
  readonly name: string;
  /** @throws Problem where the stack has no such output */
  output(key: string): string;
  /** Undefined where the deployment has no such part. */
  optionalOutput(key: string): string | undefined;
  /** Queues of the collectors, in their order. */
  readonly collectorQueues: readonly string[];
  readonly settings: DiscoverySettings;
}

/** The beginning of the description of every discovery stack, see infra/stacks/discovery-stack.ts. */
const DESCRIPTION = 'Prometheus target discovery';

/** @throws Problem where there is no such deployment, or what AWS answers */
export async function findDeployment(clients: AccountClients, name: string): Promise<Deployment> {
  const outputs = await outputsOf(clients, name);
  const optionalOutput = (key: string): string | undefined =>
    outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const output = (key: string): string => {
    const value = optionalOutput(key);
    if (value !== undefined) return value;
    throw new Problem(
      `Stack ${name} has no output ${key}, so it is not the discovery stack of this version.`,
      'Deploy it again with this version, or name another deployment with --deployment.',
    );
  };
  const collectorQueues = outputs
    .filter(({ OutputKey = '' }) => /^CollectorQueue\d+$/.test(OutputKey))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map(({ OutputValue = '' }) => OutputValue);
  const settings = await settingsOf(clients, output('ObserveFunction'));
  return { name, output, optionalOutput, collectorQueues, settings };
}

const numberOf = ({ OutputKey = '' }: Output): number => Number(OutputKey.replace(/\D+/, ''));

async function outputsOf(clients: AccountClients, name: string): Promise<Output[]> {
  try {
    const { Stacks = [] } = await clients.cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks[0]?.Outputs ?? [];
  } catch (error) {
    if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
    throw await noSuchStack(clients, name);
  }
}

async function noSuchStack({ cloudFormation }: AccountClients, name: string): Promise<Problem> {
  const summaries = await allPages(async (NextToken) => {
    const page = await cloudFormation.send(new ListStacksCommand({ NextToken }));
    return { items: page.StackSummaries ?? [], next: page.NextToken };
  }).catch(() => []);
  const present = summaries
    .filter(({ StackStatus, TemplateDescription = '' }) => {
      return StackStatus !== 'DELETE_COMPLETE' && TemplateDescription.startsWith(DESCRIPTION);
    })
    .map(({ StackName = '' }) => StackName);
  const meant = nearest(name, present) ?? present[0];
  return new Problem(
    `There is no deployment ${name} in this account and Region: CloudFormation has no stack of that name.`,
    meant === undefined
      ? 'Name the Region with --region, the account with --profile, and the deployment with --deployment.'
      : `Deployed here: ${present.join(', ')}. Did you mean --deployment ${meant}?`,
  );
}

async function settingsOf({ lambda }: AccountClients, FunctionName: string): Promise<DiscoverySettings> {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  try {
    return readSettings(Environment?.Variables ?? {});
  } catch (error) {
    if (!(error instanceof InvalidEnvironment)) throw error;
    throw new Problem(`The settings of function ${FunctionName} cannot be read: ${error.message}`);
  }
}
