/** Settings about scrape jobs and the pipeline that are each valid but do not go together. */
import { deployedPipeline, filledPipeline } from '../constructs/collector/deployed-pipeline.ts';
import { pipelineProblem } from '../constructs/collector/pipeline-parameter.ts';
import { jobsTooSlow } from '../constructs/collector/scrape-jobs/scrape-job.ts';
import type { Settings } from './settings.ts';

/** One sentence a contradiction; none: the settings go together. */
export function scrapeContradictions(settings: Settings): readonly string[] {
  const { collector, scrapeJobs, collectorPipeline, collectorSecrets, scrapeIntervalSeconds } = settings;
  const has = { scrapeJobs: scrapeJobs.length > 0, collectorPipeline: collectorPipeline !== undefined };
  const secrets = Object.keys(collectorSecrets).length > 0;
  const given = Object.entries({ ...has, collectorSecrets: secrets }).flatMap(([name, is]) => (is ? [name] : []));
  if (given.length === 0) return [];
  if (!collector) return [`${given.join(', ')}: this is for the collectors of this deployment, but collector is false`];
  const slow = jobsTooSlow(scrapeJobs, scrapeIntervalSeconds).map((sentence) => `scrapeJobs: ${sentence}`);
  if (collectorPipeline === undefined) {
    const idle = secrets ? ['collectorSecrets is for collectorPipeline, which is not set'] : [];
    return [...slow, ...idle, ...sizeProblem('scrapeJobs', deployedPipeline(settings))];
  }
  const { pipeline, problems } = filledPipeline(collectorPipeline, settings, collectorSecrets);
  return [
    ...slow,
    ...problems.map((problem) => `collectorPipeline ${problem}`),
    ...(has.scrapeJobs && !collectorPipeline.includes('{discovery:scrape_configs}')
      ? ['scrapeJobs has no effect: collectorPipeline has no placeholder scrape_configs']
      : []),
    ...sizeProblem('collectorPipeline', pipeline),
  ];
}

function sizeProblem(setting: string, pipeline: string): readonly string[] {
  const problem = pipelineProblem(pipeline);
  return problem === undefined ? [] : [`${setting}: ${problem}`];
}
