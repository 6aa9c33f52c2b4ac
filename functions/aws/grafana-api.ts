/** Grafana's own HTTP API: data sources and dashboards. Both calls may be repeated. */
import { backoff, type Clock } from '../discovery/clock.ts';

interface PrometheusDataSource {
  readonly name: string;
  /** Identifier within the Grafana workspace. */
  readonly uid: string;
  /** Base URL of the Prometheus API. */
  readonly url: string;
  /** For the signature of requests. */
  readonly region: string;
}

interface GrafanaApi {
  /** Makes the default data source, or changes the one with the same uid. */
  putDataSource(source: PrometheusDataSource): Promise<void>;
  /** Makes a dashboard, or replaces the one with the same uid. */
  putDashboard(dashboard: Readonly<Record<string, unknown>>): Promise<void>;
}

/** The API refused. The message has its answer. */
class GrafanaRefused extends Error {
  override readonly name = 'GrafanaRefused';
}

/** A new workspace is active a moment before its name is known, and a new token a moment before it is. */
const WAIT = { first: 1000, longest: 15_000 };
const isEarly = (status: number): boolean => status === 401 || status >= 500;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** @param deadline when to give up, in milliseconds since 1970 */
export function createGrafanaApi(
  { url, token }: { readonly url: string; readonly token: string },
  clock: Clock,
  deadline: number,
): GrafanaApi {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' };

  async function once(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(20_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async function request(method: string, path: string, body?: unknown): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await once(method, path, body).catch((error: unknown) => error as Error);
      const failed = answer instanceof Error || isEarly(answer.status);
      if (!failed) return answer;
      if (clock.now() >= deadline) {
        throw answer instanceof Error
          ? answer
          : new GrafanaRefused(`${path} answered ${answer.status}: ${answer.text}`);
      }
      await clock.sleep(backoff(clock, attempt, WAIT));
    }
  }

  async function accepted(method: string, path: string, body: unknown): Promise<void> {
    const { status, text } = await request(method, path, body);
    if (status >= 300) throw new GrafanaRefused(`${path} answered ${status}: ${text.slice(0, 500)}`);
  }

  return {
    async putDataSource({ name, uid, url: prometheus, region }) {
      const path = `/api/datasources/uid/${encodeURIComponent(uid)}`;
      const exists = (await request('GET', path)).status === 200;
      const source = {
        uid,
        name,
        type: 'prometheus',
        access: 'proxy',
        isDefault: true,
        url: prometheus,
        // "ec2_iam_role" is what Amazon Managed Grafana calls the role of the workspace.
        jsonData: { httpMethod: 'POST', sigV4Auth: true, sigV4AuthType: 'ec2_iam_role', sigV4Region: region },
      };
      await (exists ? accepted('PUT', path, source) : accepted('POST', '/api/datasources', source));
    },

    putDashboard: (dashboard) =>
      accepted('POST', '/api/dashboards/db', { dashboard: { ...dashboard, id: null }, overwrite: true }),
  };
}
