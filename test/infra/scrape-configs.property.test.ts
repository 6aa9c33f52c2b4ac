/** Whatever the jobs are named and the targets say: exactly one job takes each target. */
import { expect, it } from '@jest/globals';
import { FOR_COLLECTOR } from '../../infra/constructs/collector/scrape-jobs/notation.ts';
import { scrapeConfigs } from '../../infra/constructs/collector/scrape-jobs/scrape-configs.ts';
import fc from '../fast-check.ts';

interface Choice {
  readonly job_name: string;
  readonly file_sd_configs?: unknown;
  readonly relabel_configs?: readonly { readonly regex: string; readonly action: 'keep' | 'drop' }[];
}

/** As Prometheus does it: the label is set to the name of the job where a target has none; expressions are anchored. */
const takes = ({ job_name, relabel_configs = [] }: Choice, label: string | undefined): boolean =>
  relabel_configs.every(({ regex, action }) => {
    const matches = new RegExp(`^(?:${regex})$`, 's').test(label || job_name);
    return matches === (action === 'keep');
  });

/** Few letters, so that names meet. */
const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/', 'ecs'), minLength: 1, maxLength: 4 });

it('exactly one job takes each target', () => {
  const property = fc.property(
    fc.uniqueArray(name, { maxLength: 5 }),
    name,
    fc.option(fc.oneof(name, fc.string()), { nil: undefined }),
    (names, scrapeJob, label) => {
      const scrapeJobs = names.map((job_name) => ({ job_name }));
      const configs = scrapeConfigs(
        { targetFiles: '*.json', scrapeJob, scrapeJobs },
        FOR_COLLECTOR,
      ) as readonly unknown[] as readonly Choice[];
      const discovered = configs.filter(({ file_sd_configs }) => file_sd_configs !== undefined);
      expect(new Set(discovered.map(({ job_name }) => job_name)).size).toBe(discovered.length);
      const taking = discovered.filter((config) => takes(config, label));
      const wanted = label !== undefined && names.includes(label) && label !== scrapeJob;
      expect(taking.map(({ job_name }) => job_name)).toEqual([wanted ? `${scrapeJob}/${label}` : scrapeJob]);
    },
  );
  fc.assert(property, { numRuns: 2000 });
});
