import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/**
 * Label names of the workload's metrics. None may be a label that the discovery sets on a target (cluster, service,
 * taskdefinition, namespace, taskid, instance, port, container, job): Prometheus would rename ours to `exported_…` and
 * the queries of the dashboards would miss them.
 */
const REQUEST_LABELS = ['path', 'method', 'status'] as const;

/** Upper bounds in milliseconds: `GET /work` takes tens of milliseconds, an overloaded one up to seconds. */
const DURATION_BUCKETS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** One finished request, as it is counted. */
interface FinishedRequest {
  /** Route, not the raw URL: a raw URL would let any client create series without end. */
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** The metrics of one process. */
export interface WorkloadMetrics {
  record(request: FinishedRequest): void;
  /** Prometheus text exposition. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Creates the reference workload's metrics and Node's own (CPU, memory, event loop) in a registry of their own. */
export function workloadMetrics(): WorkloadMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: REQUEST_LABELS,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'request_duration_milliseconds',
    help: 'Time from a request to the end of its answer, in milliseconds.',
    labelNames: ['path'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return {
    record: ({ path, method, status, milliseconds }) => {
      requests.inc({ path, method, status: String(status) });
      durations.observe({ path }, milliseconds);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
