/** The Lambda against a Grafana workspace, Amazon Managed Grafana, S3 and CloudFormation, all played by one server. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';

interface Request {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const DASHBOARDS = {
  'workload.json': { uid: 'ecs-workload', title: 'Workload' },
  'discovery.json': { uid: 'ecs-discovery', title: 'Discovery' },
};

let server: Server;
let url: string;
let requests: Request[];
/** What the server says in place of its usual answer, by method and path, once for each in the list. */
let instead: Record<string, number[]>;
let sourceExists: boolean;

async function read(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const line = `${request.method} ${request.url?.split('?')[0]}`;
  return { line, authorization: request.headers.authorization, body: text === '' ? {} : JSON.parse(text) };
}

function answerTo(line: string): { status: number; body: unknown } {
  const dashboard = Object.entries(DASHBOARDS).find(([name]) => line === `GET /assets/${name}`)?.[1];
  if (dashboard !== undefined) return { status: 200, body: dashboard };
  if (line === 'POST /workspaces/g-1/serviceaccounts') {
    return { status: 200, body: { id: '7', name: 'n', grafanaRole: 'ADMIN', workspaceId: 'g-1' } };
  }
  if (line === 'POST /workspaces/g-1/serviceaccounts/7/tokens') {
    const serviceAccountToken = { id: '1', name: 'n', key: 'glsa_secret' };
    return { status: 200, body: { serviceAccountToken, serviceAccountId: '7', workspaceId: 'g-1' } };
  }
  if (line === 'GET /api/datasources/uid/amp') return { status: sourceExists ? 200 : 404, body: {} };
  return { status: 200, body: {} };
}

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming);
    requests.push(request);
    const { status, body } = answerTo(request.line);
    outgoing.writeHead(instead[request.line]?.shift() ?? status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: url,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  requests = [];
  instead = {};
  sourceExists = false;
});

async function invoke(RequestType: string, properties: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { handler } = await import('../../../functions/lambda/grafana-provisioning.ts');
  const event = {
    RequestType,
    ResponseURL: `${url}/cloudformation`,
    StackId: 'stack',
    RequestId: 'request-1',
    LogicalResourceId: 'Contents',
    ResourceProperties: {
      WorkspaceId: 'g-1',
      Url: url,
      DataSource: { name: 'metrics', uid: 'amp', url: 'https://aps.example/workspaces/ws-1', region: 'eu-west-1' },
      Dashboards: Object.keys(DASHBOARDS).map((name) => `s3://assets/${name}`),
      ...properties,
    },
  };
  await handler(event as never, context);
}

const sent = (line: string): Request[] => requests.filter((request) => request.line === line);
const told = () => sent('PUT /cloudformation').map(({ body }) => body);

describe('the contents of a Grafana workspace', () => {
  it('are a data source that signs as the role of the workspace, and the dashboards', async () => {
    await invoke('Create');
    const [source] = sent('POST /api/datasources');
    expect(source).toMatchObject({
      authorization: 'Bearer glsa_secret',
      body: {
        uid: 'amp',
        name: 'metrics',
        type: 'prometheus',
        access: 'proxy',
        isDefault: true,
        url: 'https://aps.example/workspaces/ws-1',
        jsonData: { sigV4Auth: true, sigV4AuthType: 'ec2_iam_role', sigV4Region: 'eu-west-1' },
      },
    });
    expect(sent('POST /api/dashboards/db').map(({ body }) => body)).toEqual(
      Object.values(DASHBOARDS).map((dashboard) => ({ dashboard: { ...dashboard, id: null }, overwrite: true })),
    );
    expect(told()).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Contents' }]);
  });

  it('are brought up to date where they exist', async () => {
    sourceExists = true;
    await invoke('Update');
    expect(sent('PUT /api/datasources/uid/amp')).toHaveLength(1);
    expect(sent('POST /api/datasources')).toHaveLength(0);
    expect(sent('POST /api/dashboards/db')).toHaveLength(2);
  });

  it('are waited for until a new workspace answers', async () => {
    instead = { 'GET /api/datasources/uid/amp': [401, 503] };
    await invoke('Create');
    expect(sent('GET /api/datasources/uid/amp')).toHaveLength(3);
    expect(told()).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  it('leave no way in behind, whether it went well or not', async () => {
    await invoke('Create');
    instead = { 'POST /api/dashboards/db': [400] };
    await invoke('Update');
    expect(sent('DELETE /workspaces/g-1/serviceaccounts/7')).toHaveLength(2);
    expect(told()).toMatchObject([
      { Status: 'SUCCESS' },
      { Status: 'FAILED', Reason: expect.stringContaining('/api/dashboards/db answered 400') },
    ]);
  });

  it('go with the workspace', async () => {
    await invoke('Delete');
    expect(requests.map(({ line }) => line)).toEqual(['PUT /cloudformation']);
    expect(told()).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  it('are not touched when the properties are not what they should be', async () => {
    await invoke('Create', { Dashboards: 'none' });
    expect(requests).toHaveLength(1);
    expect(told()).toMatchObject([{ Status: 'FAILED' }]);
  });
});
