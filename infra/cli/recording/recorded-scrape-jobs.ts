/** The scrape jobs in the settings of a recording, as the app takes them. */
import * as z from 'zod/mini';
import { SCRAPE_JOB } from '../../constructs/collector/job-names.ts';
import type { ScrapeJob, ScrapeJobs } from '../account/scrape-jobs.ts';
import { Problem } from '../problem.ts';
import { SETTINGS_ADVICE } from './recorded-settings.ts';

const job = z.object({ job_name: z.string(), scrape_interval: z.optional(z.string()) });
const shape = z.object({
  scrapeJob: z.optional(z.string()),
  scrapeIntervalSeconds: z.optional(z.union([z.string(), z.number()])),
  // The path of a file says nothing here.
  scrapeJobs: z.optional(z.union([z.array(job), z.string()])),
});

/**
 * Undefined where the settings do not say.
 *
 * @throws Problem naming the setting
 */
export function recordedScrapeJobs(settings: Readonly<Record<string, unknown>>): ScrapeJobs | undefined {
  const parsed = shape.safeParse(settings);
  if (!parsed.success) {
    const wrong = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
    throw new Problem(`The settings of the recording cannot be read: wrong ${wrong.join(', ')}`, SETTINGS_ADVICE);
  }
  const { scrapeJob = SCRAPE_JOB, scrapeIntervalSeconds: seconds, scrapeJobs } = parsed.data;
  if (scrapeJobs === undefined && parsed.data.scrapeJob === undefined) return undefined;
  if (typeof scrapeJobs === 'string') return undefined;
  const all = (scrapeJobs ?? []).map(
    ({ job_name, scrape_interval }): ScrapeJob => ({
      name: job_name,
      interval: scrape_interval ?? (seconds === undefined ? undefined : `${seconds}s`),
    }),
  );
  const rest = all.find(({ name }) => name === scrapeJob);
  return {
    rest: rest ?? { name: scrapeJob, interval: seconds === undefined ? undefined : `${seconds}s` },
    named: all.filter((one) => one !== rest),
  };
}

/** The settings that {@link recordedScrapeJobs} reads. */
export const scrapeJobSettings = ({ rest, named }: ScrapeJobs): Readonly<Record<string, unknown>> => ({
  scrapeJob: rest.name,
  scrapeJobs: [rest, ...named].map(({ name, interval }) => ({
    job_name: name,
    ...(interval !== undefined && { scrape_interval: interval }),
  })),
});
