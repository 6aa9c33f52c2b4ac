import { createServer } from 'node:net';

const tryPort = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(got));
    });
  });

/**
 * A TCP port that nobody listens on: the preferred one, so that addresses in documentation and browser history stay
 * right, or, when it is taken, one that the kernel chooses.
 */
export const freePort = async (preferred = 0, host = '127.0.0.1'): Promise<number> => {
  const port = (await tryPort(host, preferred)) ?? (await tryPort(host, 0));
  if (port === undefined) throw new Error(`No free TCP port on ${host}.`);
  return port;
};
