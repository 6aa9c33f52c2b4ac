/** What is wrong with scrape jobs, in sentences. */
import type * as z from 'zod';
import { nearest } from '../../../../functions/discovery/nearest.ts';
import { JOB_KEYS } from './scrape-job.ts';

const NO_CLIENT = 'the receiver of the collector takes no key from a secret, because a key has several lines';

/** Keys of Prometheus, which some may try, and what to do instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  metrics_path: 'the path is that of the target: a docker label, a tag or a rule says it',
  bearer_token: 'write authorization with credentials',
  bearer_token_file: 'write authorization with credentials',
  credentials_file: 'the container of the collector has no such file: write credentials with a secret',
  password_file: 'the container of the collector has no such file: write password with a secret',
  username_file: 'the container of the collector has no such file: write username',
  cert: NO_CLIENT,
  cert_file: NO_CLIENT,
  key: NO_CLIENT,
  key_file: NO_CLIENT,
  file_sd_configs: 'targets come from the discovery; other ones belong into a pipeline of your own',
  static_configs: 'targets come from the discovery; other ones belong into a pipeline of your own',
};

/** One sentence each, with the job and the key that it is about. */
export const jobProblems = ({ issues }: z.core.$ZodError): readonly string[] =>
  issues.flatMap((issue) => sentencesOf(issue).map((sentence) => `${place(issue.path)}${sentence}`));

function sentencesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [issue.message];
  return issue.keys.map((key) => {
    const elsewhere = ELSEWHERE[key];
    if (elsewhere !== undefined) return `${key} cannot be set: ${elsewhere}`;
    const meant = issue.path.length === 1 ? nearest(key, JOB_KEYS) : undefined;
    return `${key} is not known here${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
}

/** Where in the list the problem is, in the words of a person: `job 2, tls_config, ca: `. */
function place(path: readonly PropertyKey[]): string {
  const [index, ...keys] = path;
  if (typeof index !== 'number') return '';
  const words = keys.map((key) => (typeof key === 'number' ? `${key + 1}` : String(key)));
  return `job ${[index + 1, ...words].join(', ')}: `;
}
