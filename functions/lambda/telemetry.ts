/** Logs and metrics of a Lambda: structured lines and CloudWatch embedded metrics, by Powertools. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../discovery/metric-names.ts';
import type { Report } from './report.ts';

interface Telemetry {
  readonly logger: Logger;
  readonly report: Report;
}

const UNITS: Readonly<Record<string, (typeof MetricUnit)[keyof typeof MetricUnit]>> = {
  [METRICS.eventAge]: MetricUnit.Milliseconds,
  [METRICS.fullness]: MetricUnit.Percent,
};

/**
 * @param serviceName name of the Lambda in logs and metrics
 * @param deployment dimension of its metrics: two deployments may watch one cluster. Not needed where it publishes none.
 */
export function createTelemetry(serviceName: string, deployment = ''): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });
  return {
    logger,
    report: {
      info: (message, fields) => logger.info(message, { ...fields }),
      warn: (message, fields) => logger.warn(message, { ...fields }),
      // Each is published at once: dimensions differ, and the middleware that would gather them complains of an empty batch.
      count(metric, value, { cluster, reason }) {
        const single = metrics.singleMetric();
        single.addDimension(DIMENSIONS.deployment, deployment);
        if (cluster !== undefined) single.addDimension(DIMENSIONS.cluster, cluster);
        if (reason !== undefined) single.addDimension(DIMENSIONS.reason, reason);
        single.addMetric(metric, UNITS[metric] ?? MetricUnit.Count, value);
      },
    },
  };
}
