/**
 * The guard between this machine and a real AWS account. Every endpoint that local code talks to, and every
 * environment that it hands to a child process, comes from here: loopback addresses and dummy credentials, never
 * what the person's shell holds.
 */
import { isIPv4 } from 'node:net';
import { delimiter, dirname } from 'node:path';

/** Region of the emulated account. */
export const LOCAL_REGION = 'us-east-1';

/** Account number of the emulated account (MiniStack's default). */
export const LOCAL_ACCOUNT = '000000000000';

/** Credentials that no real account accepts. */
export const DUMMY_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** Somebody asked local code to talk to something that is not on this machine. */
export class NotLoopbackError extends Error {
  override readonly name = 'NotLoopbackError';

  constructor(endpoint: string) {
    super(
      `${endpoint} is not on this machine. \`npm run local\` talks to loopback addresses (127.0.0.0/8, ::1, localhost) only, so that it can never reach a real AWS account.`,
    );
  }
}

const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));

/**
 * The endpoint as it was given.
 *
 * @throws {@link NotLoopbackError} when it is no http URL of this machine.
 */
export const loopbackEndpoint = (endpoint: string): string => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.username !== '' || !isLoopbackHost(url.hostname)) {
    throw new NotLoopbackError(endpoint);
  }
  return endpoint;
};

/** What an SDK client is made with here. */
export const loopbackClientConfig = (endpoint: string) => ({
  endpoint: loopbackEndpoint(endpoint),
  region: LOCAL_REGION,
  credentials: DUMMY_CREDENTIALS,
});

/** Shell settings that would lead a child process past the loopback: profiles, roles, endpoints, proxies, tokens. */
const LEADS_OUTSIDE = /^(AWS_|CDK_|(https?|all|no|ftp)_proxy$)/i;

/**
 * Environment of a child process: the shell's without anything that leads outside, with dummy credentials and the
 * given endpoint for every AWS client. Node 24, which runs this, is first on the PATH.
 *
 * @param endpoint - of the emulated AWS; absent for a process that must not call AWS at all.
 * @throws {@link NotLoopbackError} for an endpoint, also in `extra`, that is not on this machine.
 */
export const loopbackEnvironment = (
  endpoint?: string,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !LEADS_OUTSIDE.test(entry[0]),
  );
  const environment: Record<string, string> = {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env['PATH']].filter(Boolean).join(delimiter),
    AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    // Nothing of ~/.aws is read, and nobody asks an instance metadata service for credentials.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint }),
    ...extra,
  };
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('AWS_ENDPOINT_URL')) loopbackEndpoint(value);
  }
  return environment;
};
