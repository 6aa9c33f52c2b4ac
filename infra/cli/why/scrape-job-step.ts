/** Which scrape job of the collectors takes the targets of a task. */
import { nearest } from '../../../functions/discovery/nearest.ts';
import type { TargetGroup } from '../../../functions/discovery/target/file-sd.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import type { ScrapeJob, ScrapeJobs } from '../account/scrape-jobs.ts';
import { passed, type Step, warning } from './explained-task.ts';

const STEP = 'scrape job';

/** One step for each job that the labels of the targets ask for. */
export const scrapeJobSteps = (groups: readonly TargetGroup[], jobs: ScrapeJobs): Step[] =>
  [...new Set(groups.map(({ labels }) => labels[LABELS.job]))].map((job) => scrapeJobStep(job, jobs));

/** @param job label of a target */
function scrapeJobStep(job: string | undefined, { rest, named }: ScrapeJobs): Step {
  const others = named.map(({ name }) => name);
  if (job === undefined || job === rest.name) return passed(STEP, `${taker(rest)}, as all targets without another job`);
  const own = named.find(({ name }) => name === job);
  if (own) return passed(STEP, `${taker(own)}, which its label job names`);
  const meant = nearest(job, others);
  if (meant === undefined) return passed(STEP, `${taker(rest)}; its label job says ${job}, which is no scrape job`);
  return warning(
    STEP,
    `${taker(rest)}; its label job says ${job}, which is no scrape job; did you mean ${meant}?`,
    `Correct the docker label or rule that gives the label job, or name a job ${job} in the setting scrapeJobs.`,
  );
}

const taker = ({ name, interval }: ScrapeJob): string =>
  `${name} takes it${interval === undefined ? '' : `, every ${interval}`}`;
