/**
 * AWS Signature Version 4 of a JSON request (`POST /` without a query string).
 * Source: "Signature Version 4 signing process" in the AWS IAM user guide; its test vectors are in the test.
 */
import { createHash, createHmac } from 'node:crypto';

/** Access key, and the session token that temporary credentials have. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignableRequest {
  readonly host: string;
  readonly region: string;
  /** Name of the service in its credential scope, such as `sqs`. */
  readonly service: string;
  /** Further headers, lower case; they are signed, too. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The headers of the request with its date, session token and signature. */
export function signedHeaders(request: SignableRequest, credentials: Credentials, now: Date): Record<string, string> {
  const date = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = date.slice(0, 8);
  const headers: Record<string, string> = { ...request.headers, host: request.host, 'x-amz-date': date };
  if (credentials.sessionToken) headers['x-amz-security-token'] = credentials.sessionToken;

  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names.join(';'), sha256(request.body)].join('\n');

  const scope = `${day}/${request.region}/${request.service}/aws4_request`;
  const dayKey = hmac(`AWS4${credentials.secretAccessKey}`, day);
  const key = hmac(hmac(hmac(dayKey, request.region), request.service), 'aws4_request');
  const signature = hmac(key, [ALGORITHM, date, scope, sha256(canonical)].join('\n')).toString('hex');
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}
