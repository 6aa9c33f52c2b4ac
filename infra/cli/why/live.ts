/** What explaining asks of a deployment. */
import { readConfiguration } from '../account/configuration.ts';
import { queueStates } from '../account/queues.ts';
import { readScrapeJobs, type ScrapeJobs } from '../account/scrape-jobs.ts';
import { type Session, sessionLookUps } from '../session.ts';
import type { Explaining } from './explain-tasks.ts';

export function explainingIn(session: Session): Explaining {
  const { clients, deployment, clock } = session;
  let found: Promise<ScrapeJobs | undefined> | undefined;
  const jobs = (): Promise<ScrapeJobs | undefined> => {
    found ??= deployment.collectorQueues.length === 0 ? Promise.resolve(undefined) : jobsIfKnown(session);
    return found;
  };
  return {
    lookUps: sessionLookUps(session),
    configuration: (cluster) => readConfiguration(clients.ssm, deployment.settings, cluster, clock),
    knowsInstances: true,
    collectors: () => queueStates(clients, deployment.collectorQueues, clock),
    scrapeJobs: jobs,
  };
}

/** Without collectors of its own, or without the permission, the rest is still worth showing. */
const jobsIfKnown = ({ clients, deployment }: Session): Promise<ScrapeJobs | undefined> =>
  readScrapeJobs(clients, deployment.name).catch(() => undefined);
