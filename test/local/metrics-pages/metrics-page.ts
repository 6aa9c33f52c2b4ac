import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Serves metrics as a program does on `/metrics`. `onScrape` makes something happen between two scrapes. */
export const metricsPage = async (
  registry: Registry,
  { address, port, onScrape }: { readonly address: string; readonly port: number; readonly onScrape: () => void },
): Promise<Server> => {
  const server = createServer(async (_request, response) => {
    onScrape();
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  });
  server.listen(port, address);
  await once(server, 'listening');
  return server;
};
