import { join } from 'node:path';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { type Child, startChild } from '../../infra/local/process/child.ts';
import { waitForHttp } from '../../infra/local/process/wait-for-http.ts';

/** The sample workload at a loopback address, port 3000, under a load of 20 requests a second. */
export const startWebapp = async (host: string, log: string): Promise<Child> => {
  const child = await startChild({
    name: 'webapp',
    command: process.execPath,
    arguments: [join(PROJECT_ROOT, 'containers/webapp/main.ts')],
    environment: { HOST: host, PORT: '3000', LOAD_REQUESTS_PER_SECOND: '20' },
    log,
  });
  await waitForHttp(child, `http://${host}:3000/health`, 20);
  return child;
};
