import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENVIRONMENT } from '../../../functions/discovery/names.ts';
import type { HealthReport } from './health.ts';
import type { Incidents } from './incidents.ts';

/**
 * Answers with the report, on the loopback address only: it is for the container's own health check. 503 until the
 * targets were loaded once, then 200 as long as the process answers, also while it fails: at a bad answer ECS would
 * replace the task, and when AWS cannot be read the collector beside it would lose the targets that it still has.
 */
export async function serveHealth(
  port: number,
  report: () => HealthReport,
  incidents: Incidents,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((_request, response) => {
    const health = report();
    response.writeHead(health.status === 'starting' ? 503 : 200, {
      'content-type': 'application/json',
      connection: 'close',
    });
    response.end(`${JSON.stringify({ ...health, problems: incidents.open() })}\n`);
  });
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `no health check on 127.0.0.1:${port} (${reason}): set another ${ENVIRONMENT.targetSyncHealthPort}.`,
      {
        cause,
      },
    );
  }
  return { server, port: (server.address() as AddressInfo).port };
}
