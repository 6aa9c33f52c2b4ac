/** Where a service answers, by the environment variables that the AWS SDKs and tools share. */

/** The endpoint of a service in a Region; `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL` overrides it. */
export function serviceEndpoint(service: 'ssm' | 'sqs', region: string, environment: NodeJS.ProcessEnv): URL {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return overriddenEndpoint(service, environment) ?? new URL(`https://${service}.${region}.${suffix}`);
}

/** The endpoint that the environment asks for, if it does. */
export function overriddenEndpoint(service: 'ssm' | 'sqs', environment: NodeJS.ProcessEnv): URL | undefined {
  const url = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || environment['AWS_ENDPOINT_URL'];
  return url ? new URL(url) : undefined;
}
