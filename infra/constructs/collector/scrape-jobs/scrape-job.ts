/** A scrape job of the user, in Prometheus' own words (Prometheus documentation, "scrape_config"), checked at synth. */
import * as z from 'zod';
import { BadValue } from '../../../props/shape.ts';
import { JOB_NAME } from '../../../props/shapes.ts';
import { BadCertificate, certificatesIn, certificatesOf } from './certificates.ts';
import { labelsLost, relabelConfig } from './relabelling.ts';
import { secretValue } from './secret-value.ts';

/** Prometheus documentation, "Configuration", `<duration>`; here above zero. */
const DURATION = /^(?=.*[1-9])(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;
const duration = z.string().regex(DURATION, 'must be a duration such as 30s or 1m30s');

const MILLISECONDS: Readonly<Record<string, number>> = {
  ...{ y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 },
};

/** @param text matches {@link DURATION} */
const millisecondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[ywdhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (MILLISECONDS[unit] ?? 0),
    0,
  );

const limit = z.int('must be a whole number').nonnegative('must be 0 (no limit) or more').optional();
const flag = z.boolean('must be true or false').optional();
const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

/** @param read what certificates it means. It throws {@link BadCertificate} */
const pem = (read: (text: string) => string) =>
  z
    .string()
    .transform((text, { issues, value }) => {
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof BadCertificate)) throw error;
        issues.push({ code: 'custom', message: error.message, input: value });
        return z.NEVER;
      }
    })
    .optional();

const tlsConfig = (folder: string) =>
  z
    .strictObject({
      /** Certificates in PEM of the authorities that are trusted, in place of the public ones. */
      ca: pem(certificatesIn),
      /** Path of a file with them, read when the app is synthesised. */
      ca_file: pem((path) => certificatesOf(path, folder)),
      /** The name that the certificate of a target has to be for: targets are addresses. */
      server_name: z.string().min(1).optional(),
      /** Takes any certificate. */
      insecure_skip_verify: flag,
      min_version: z.enum(TLS_VERSIONS).optional(),
      max_version: z.enum(TLS_VERSIONS).optional(),
    })
    .check(({ value, issues }) => {
      if (value.ca === undefined || value.ca_file === undefined) return;
      issues.push({ code: 'custom', message: 'ca and ca_file exclude each other', input: value });
    })
    .transform(({ ca_file, ...others }) => {
      const ca = others.ca ?? ca_file;
      return { ...others, ...(ca !== undefined && { ca }) };
    });

const textOrSecret = z.union(
  [z.string().min(1), secretValue],
  'must be text, or {"secret": "arn:aws:secretsmanager:…"}, if wanted with "field"',
);

const shapeOf = (folder: string) =>
  z.strictObject({
    /** Its targets are those whose label `job` this is; the job named like the setting `scrapeJob` has all others. */
    job_name: z.string('must be a name').check(({ value, issues }) => {
      try {
        JOB_NAME(value);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        issues.push({ code: 'custom', message: error.message, input: value });
      }
    }),
    /** Time between two scrapes of a target. Without it: `scrapeIntervalSeconds`. */
    scrape_interval: duration.optional(),
    /** Without it: 10 s, or the interval if that is shorter. */
    scrape_timeout: duration.optional(),
    /** Of targets for which no label, tag or rule names one; without it `http`. */
    scheme: z.enum(['http', 'https'], 'must be http or https').optional(),
    params: z.record(z.string(), z.array(z.string(), 'must be a list of values')).optional(),
    honor_labels: flag,
    honor_timestamps: flag,
    track_timestamps_staleness: flag,
    follow_redirects: flag,
    enable_http2: flag,
    enable_compression: flag,
    tls_config: tlsConfig(folder).optional(),
    basic_auth: z.strictObject({ username: textOrSecret, password: secretValue }).optional(),
    authorization: z
      .strictObject({
        /** Without it `Bearer`. */
        type: z
          .string()
          .regex(/^(?!basic$)\S+$/i, 'must be one word; for Basic there is basic_auth')
          .optional(),
        credentials: secretValue,
      })
      .optional(),
    /** Bytes of an answer, as in `10MB`. */
    body_size_limit: z
      .string('must be a size such as 10MB')
      .regex(/^(0|\d+([KMGTPE]i?)?B)$/, 'must be a size such as 10MB')
      .optional(),
    /** Samples of a scrape, after `metric_relabel_configs`; a scrape with more of them fails. */
    sample_limit: limit,
    /** Targets of the job and collector; with more of them every scrape of the job fails. */
    target_limit: limit,
    label_limit: limit,
    label_name_length_limit: limit,
    label_value_length_limit: limit,
    /** Rules for targets, after the one that chooses the job. */
    relabel_configs: z.array(relabelConfig).optional(),
    /** Rules for samples. */
    metric_relabel_configs: z.array(relabelConfig).optional(),
  });

export const JOB_KEYS: readonly string[] = Object.keys(shapeOf('').shape);

/**
 * Jobs with one name each.
 *
 * @param folder what relative paths of certificates start from
 */
export const scrapeJobsShape = (folder: string) =>
  z
    .array(
      shapeOf(folder).check(({ value, issues }) => {
        if (value.basic_auth !== undefined && value.authorization !== undefined) {
          issues.push({ code: 'custom', message: 'basic_auth and authorization exclude each other', input: value });
        }
      }),
    )
    .check(({ value, issues }) => {
      const names = value.map(({ job_name }) => job_name);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) === index) continue;
        const message = `${name} is there twice`;
        issues.push({ code: 'custom', message, input: name, path: [index, 'job_name'] });
      }
    });

/** A job as it is written. */
export type ScrapeJob = z.input<ReturnType<typeof shapeOf>>;

/** The same with the certificates that its files hold; it may be read again. */
export type CheckedJob = z.output<ReturnType<typeof shapeOf>>;

/** One sentence for each job whose scrapes may take longer than its interval, which Prometheus refuses. */
export const jobsTooSlow = (jobs: readonly CheckedJob[], scrapeIntervalSeconds: number): readonly string[] =>
  jobs.flatMap(({ job_name, scrape_interval = `${scrapeIntervalSeconds}s`, scrape_timeout }) =>
    scrape_timeout !== undefined && millisecondsOf(scrape_timeout) > millisecondsOf(scrape_interval)
      ? [`the scrape_timeout of job ${job_name} is ${scrape_timeout}, longer than its interval of ${scrape_interval}`]
      : [],
  );

/** One sentence for each thing that a job may do without its author wanting it. */
export const warningsOf = (jobs: readonly CheckedJob[]): readonly string[] =>
  jobs.flatMap((job) => [...labelsLostBy(job), ...loginGivenAway(job)]);

function labelsLostBy({ job_name, relabel_configs = [], metric_relabel_configs = [] }: CheckedJob): readonly string[] {
  const lost = labelsLost([...relabel_configs, ...metric_relabel_configs]);
  return lost.length === 0
    ? []
    : [`job ${job_name} drops ${lost.join(', ')}: alert rules and dashboards find its targets by that`];
}

/** Who may label a task chooses its job: only a certificate shows whether it is the one that the login is for. */
function loginGivenAway({ job_name, basic_auth, authorization, scheme, tls_config }: CheckedJob): readonly string[] {
  if ((basic_auth ?? authorization) === undefined) return [];
  const to = `job ${job_name} sends its login to every task whose label job is ${job_name}`;
  if (scheme !== 'https') return [`${to}, and over plain HTTP: set scheme to https`];
  return tls_config?.insecure_skip_verify === true
    ? [`${to}, whatever its certificate: set ca_file and server_name in place of insecure_skip_verify`]
    : [];
}
