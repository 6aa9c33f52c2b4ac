/** Reads the settings about the scrape jobs; what they may say is defined, and checked, where the pipeline is made. */
import * as z from 'zod';
import { jobProblems } from '../constructs/collector/scrape-jobs/job-problems.ts';
import { type CheckedJob, scrapeJobsShape } from '../constructs/collector/scrape-jobs/scrape-job.ts';
import { type SecretVariables, secretValue } from '../constructs/collector/scrape-jobs/secret-value.ts';
import { BadValue, type Shape, shape } from '../props/shape.ts';
import { fileText, ownValue } from './own-files.ts';

const JOBS = 'the path of a YAML or JSON file with a list of scrape jobs, or such a list in JSON';

export const scrapeJobList: Shape<readonly CheckedJob[]> = shape(JOBS, (raw) => {
  const { value, folder } = ownValue(raw, '[');
  if (!Array.isArray(value)) throw new BadValue(`must be ${JOBS}`);
  const result = scrapeJobsShape(folder).safeParse(value);
  if (result.success) return result.data;
  throw new BadValue(`cannot be used: ${jobProblems(result.error).join('; ')}`);
});

/** Names that the collector's container has already, or that its pipeline makes. */
const TAKEN =
  /^(AWS_|ECS_|AOT_|SCRAPE_SECRET_)|^(REMOTE_WRITE_URL|WORKSPACE_REGION|COLLECTOR_NAME|AS_TEXT)$|^(GOMEMLIMIT|PIPELINE_DIGEST)$/;

const secrets = z.record(
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of an environment variable')
    .refine((name) => !TAKEN.test(name), 'is a variable that the collector has already'),
  secretValue,
);

const SECRETS = 'the path of a YAML or JSON file with secrets by the names of their variables, or the same in JSON';

export const secretsByVariable: Shape<SecretVariables> = shape(SECRETS, (raw) => {
  const result = secrets.safeParse(ownValue(raw, '{').value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [...issue.path.map(String), message].join(': ');
  });
  throw new BadValue(`must be ${SECRETS}; ${problems.join('; ')}`);
});

/** The text of the pipeline; what it refers to is checked together with the other settings. */
export const pipelineFile: Shape<string> = shape('the path of a YAML file', (raw) => {
  if (typeof raw !== 'string' || raw.trim() === '') throw new BadValue('must be the path of a YAML file');
  return fileText(raw.trim());
});
