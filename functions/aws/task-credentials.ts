/**
 * Credentials of a process in an ECS task: from the environment (tests, this machine) or from the endpoint that ECS
 * gives each container for its task role.
 * Source: "Amazon ECS task IAM role" in the ECS developer guide; "Container credential provider" in the AWS SDKs and
 * tools reference guide.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { exchange } from './http-exchange.ts';
import type { Credentials } from './signature.ts';

/** Gives credentials that are valid now. */
export type CredentialSource = () => Promise<Credentials>;

export class CredentialsUnavailable extends Error {
  override readonly name = 'CredentialsUnavailable';
}

/** Where ECS answers for the relative URI that it puts into a container's environment. */
const ECS_ENDPOINT = 'http://169.254.170.2';
const TIMEOUT = 5000;
/** ECS renews a role's credentials well before they end; asking this early meets the renewed ones. */
const RENEW_BEFORE_MILLISECONDS = 5 * 60_000;

const answerShape = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  Expiration: z.string(),
});

type TemporaryCredentials = Credentials & { readonly expires: number };

/** @param now milliseconds since 1970 */
export function taskCredentials(environment: NodeJS.ProcessEnv, now: () => number = Date.now): CredentialSource {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (accessKeyId && secretAccessKey) {
    const fixed = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    return async () => fixed;
  }

  let held: TemporaryCredentials | undefined;
  let fetching: Promise<TemporaryCredentials> | undefined;
  return async () => {
    if (held && held.expires - RENEW_BEFORE_MILLISECONDS > now()) return held;
    fetching ??= fromContainerEndpoint(environment).finally(() => {
      fetching = undefined;
    });
    try {
      held = await fetching;
      return held;
    } catch (error) {
      if (held && held.expires > now()) return held;
      throw error;
    }
  };
}

async function fromContainerEndpoint(environment: NodeJS.ProcessEnv): Promise<TemporaryCredentials> {
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  const url = relative ? `${ECS_ENDPOINT}${relative}` : full;
  if (!url) {
    throw new CredentialsUnavailable(
      'neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set: give the task a task role',
    );
  }
  const token = relative ? undefined : await authorizationToken(environment);
  const headers = { accept: 'application/json', ...(token ? { authorization: token } : {}) };
  const { status, body } = await exchange({ method: 'GET', url: new URL(url), headers, timeout: TIMEOUT });
  const parsed = status === 200 ? answerShape.safeParse(parseJson(body)) : undefined;
  if (!parsed?.success) {
    throw new CredentialsUnavailable(
      `the credentials endpoint answered ${status} without credentials: check the task role`,
    );
  }
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parsed.data;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expires: Date.parse(Expiration),
  };
}

async function authorizationToken(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  return file ? (await readFile(file, 'utf8')).trim() : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
}

/** The text must not reach a log, so neither may the parser's message, which quotes it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
