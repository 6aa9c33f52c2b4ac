import { join } from 'node:path';
import { debianProgram } from './debian/debian-program.ts';
import { loopbackEnvironment } from './loopback.ts';
import { LOG_ROOT } from './paths.ts';
import { type Child, startChild } from './process/child.ts';
import { waitForHttp } from './process/wait-for-http.ts';
import type { Waiting } from './process/waiting.ts';

/** Where the node exporter listens on an EC2 host of the reference system. */
export const NODE_EXPORTER_PORT = 9100;

/** The node exporter that this machine has or can get. @throws MissingProgramError where there is none. */
export const nodeExporterProgram = (waiting?: Waiting): Promise<string> =>
  debianProgram(
    {
      package: 'prometheus-node-exporter',
      program: 'prometheus-node-exporter',
      alsoCalled: ['node_exporter'],
      elsewhere:
        'Install the node exporter and put it on the PATH: `brew install node_exporter` on macOS, otherwise https://prometheus.io/download/.',
    },
    waiting,
  );

/**
 * Starts the node exporter as the daemon service would on a host with this address, and waits until it answers.
 *
 * @param address - of this machine, such as `127.82.0.9`.
 * @throws MissingProgramError where there is none and none can be fetched.
 */
export const startNodeExporter = async (address: string, log = join(LOG_ROOT, 'node-exporter.log')): Promise<Child> => {
  const child = await startChild({
    name: 'node exporter',
    command: await nodeExporterProgram(),
    arguments: [`--web.listen-address=${address}:${NODE_EXPORTER_PORT}`, '--log.level=warn'],
    environment: loopbackEnvironment(),
    log,
  });
  try {
    await waitForHttp(child, `http://${address}:${NODE_EXPORTER_PORT}/metrics`, 60);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
};
