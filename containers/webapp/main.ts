/** The reference's workload: a stateless web application that calls itself, so that there is something to graph. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { startLoadGenerator } from './load-generator.ts';
import { workloadMetrics } from './metrics.ts';
import { PATHS, webappServer } from './server.ts';
import { type WebappSettings, webappSettings } from './settings.ts';

/** Milliseconds for open requests to end after SIGTERM. ECS sends SIGKILL 30 s after it by default. */
const DRAIN_MILLISECONDS = 5000;
/** Node closes the connections that are idle when the server closes; one kept alive after its last answer is ours. */
const IDLE_CHECK_MILLISECONDS = 50;

/** URL under which this process reaches itself: a wildcard address is not one that can be called. */
function ownUrl(server: Server): URL {
  const { address, port } = server.address() as AddressInfo;
  const callable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return new URL(`http://${isIPv6(callable) ? `[${callable}]` : callable}:${port}`);
}

async function listen(server: Server, { host, port }: WebappSettings): Promise<void> {
  try {
    await once(server.listen({ host, port }), 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot listen on ${host}:${port} (${reason}): choose another HOST or PORT.`, { cause: error });
  }
}

async function main(): Promise<void> {
  const settings = webappSettings(process.env);
  const server = webappServer(workloadMetrics(), settings.workMilliseconds);
  await listen(server, settings);
  const url = ownUrl(server);
  const load = startLoadGenerator(new URL(PATHS.work, url), settings.loadRequestsPerSecond);
  console.log(`webapp listens on ${url.origin}, load ${settings.loadRequestsPerSecond} requests a second`);

  const stop = () => {
    load.stop();
    const closing = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MILLISECONDS);
    server.close(() => clearInterval(closing));
    setTimeout(() => server.closeAllConnections(), DRAIN_MILLISECONDS).unref();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

main().catch((error: unknown) => {
  console.error(`webapp: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
