/** The scrape jobs of the deployed collectors, from the pipeline that they read. */
import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { allPages } from '../../../functions/aws/paging.ts';
import type { AccountClients } from './account-clients.ts';

export interface ScrapeJob {
  readonly name: string;
  /** As Prometheus writes it, `15s`. */
  readonly interval?: string | undefined;
}

/** Which job takes a target is said in infra/constructs/collector/scrape-jobs/scrape-configs.ts. */
export interface ScrapeJobs {
  /** For all targets whose label `job` names none of the others. */
  readonly rest: ScrapeJob;
  readonly named: readonly ScrapeJob[];
}

/** In the name of the parameter that a pipeline is in. */
export const PIPELINES = '/collector-pipeline/';

/**
 * Undefined where the deployment has no collectors of its own, or where they have a pipeline whose jobs are not those of the
 * settings.
 *
 * @throws what AWS answers, but for a stack that is not there
 */
export async function readScrapeJobs(
  { cloudFormation, ssm }: Pick<AccountClients, 'cloudFormation' | 'ssm'>,
  deployment: string,
): Promise<ScrapeJobs | undefined> {
  const resources = await allPages(async (NextToken) => {
    const page = await cloudFormation.send(
      new ListStackResourcesCommand({ StackName: `${deployment}-metrics`, NextToken }),
    );
    return { items: page.StackResourceSummaries ?? [], next: page.NextToken };
  });
  const Name = resources.find(({ PhysicalResourceId = '' }) =>
    PhysicalResourceId.includes(PIPELINES),
  )?.PhysicalResourceId;
  if (Name === undefined) return undefined;
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  return scrapeJobsIn(Parameter?.Value ?? '');
}

const config = z.object({
  job_name: z.string(),
  scrape_interval: z.optional(z.string()),
  file_sd_configs: z.optional(z.unknown()),
});
const pipelineShape = z.object({ receivers: z.record(z.string(), z.unknown()) });
const receiverShape = z.object({
  config: z.object({
    global: z.optional(z.object({ scrape_interval: z.optional(z.string()) })),
    scrape_configs: z.array(config),
  }),
});

/** @param pipeline in YAML; undefined where its jobs have no names as the settings give them */
function scrapeJobsIn(pipeline: string): ScrapeJobs | undefined {
  const parsed = pipelineShape.safeParse(parse(pipeline));
  const receivers = Object.values(parsed.data?.receivers ?? {});
  const [found] = receivers.flatMap((receiver) => receiverShape.safeParse(receiver).data ?? []);
  const { global, scrape_configs = [] } = found?.config ?? {};
  const jobs = scrape_configs
    .filter(({ file_sd_configs }) => file_sd_configs !== undefined)
    .map(({ job_name, scrape_interval }) => ({ name: job_name, interval: scrape_interval ?? global?.scrape_interval }));
  const [rest, ...others] = jobs;
  if (!rest || !others.every(({ name }) => name.startsWith(`${rest.name}/`))) return undefined;
  return { rest, named: others.map((job) => ({ ...job, name: job.name.slice(rest.name.length + 1) })) };
}
