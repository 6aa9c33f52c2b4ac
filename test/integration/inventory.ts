/** What there is in the emulated account of each kind that the discovery makes, by name. */
import { LOCAL_REGION, loopbackEndpoint } from '../../infra/local/loopback.ts';

/** Which service is meant; MiniStack tells by the scope of the signature, and does not check the rest of it. */
const headers = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20261125/${LOCAL_REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

/** The dependencies have no SDK clients for most of these; their protocols are simple enough. */
const json = (service: string, target: string) => (endpoint: string) =>
  fetch(endpoint, {
    method: 'POST',
    headers: { ...headers(service), 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: '{}',
  });
const query = (service: string, action: string, version: string) => (endpoint: string) =>
  fetch(endpoint, {
    method: 'POST',
    headers: { ...headers(service), 'content-type': 'application/x-www-form-urlencoded' },
    body: `Action=${action}&Version=${version}`,
  });
const get = (service: string, path: string) => (endpoint: string) =>
  fetch(`${endpoint}${path}`, { headers: headers(service) });

const LISTS = {
  stacks: query('cloudformation', 'DescribeStacks', '2010-05-15'),
  parameters: json('ssm', 'AmazonSSM.DescribeParameters'),
  queues: json('sqs', 'AmazonSQS.ListQueues'),
  topics: query('sns', 'ListTopics', '2010-03-31'),
  subscriptions: query('sns', 'ListSubscriptions', '2010-03-31'),
  rules: json('events', 'AWSEvents.ListRules'),
  functions: get('lambda', '/2015-03-31/functions'),
  eventSourceMappings: get('lambda', '/2015-03-31/event-source-mappings'),
  logGroups: json('logs', 'Logs_20140328.DescribeLogGroups'),
  roles: query('iam', 'ListRoles', '2010-05-08'),
  schedules: get('scheduler', '/schedules'),
  alarms: query('monitoring', 'DescribeAlarms', '2010-08-01'),
  dashboards: query('monitoring', 'ListDashboards', '2010-08-01'),
} as const;

export type Inventory = Record<keyof typeof LISTS, string[]>;

/** Names of everything that belongs to a deployment: they all begin with, or are below, its name. */
export const inventory = async (endpoint: string, deployment: string): Promise<Inventory> => {
  loopbackEndpoint(endpoint);
  const name = new RegExp(`\\b${deployment}(?:[-/]\\w+)*`, 'gi');
  const entries = await Promise.all(
    Object.entries(LISTS).map(async ([kind, list]) => {
      const response = await list(endpoint);
      const text = await response.text();
      if (!response.ok) throw new Error(`${kind}: ${text}`);
      return [kind, [...new Set(text.match(name) ?? [])].sort()];
    }),
  );
  return Object.fromEntries(entries);
};
