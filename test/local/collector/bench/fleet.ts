/** Scrape targets that count: each scrape has a number, which is the value of all its samples. */
import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { WrittenSeries } from './write-request.ts';

export interface FleetSize {
  readonly targets: number;
  /** Series of a target. */
  readonly series: number;
}

interface Scrape {
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** Samples of it that arrived. */
  arrived: number;
  /** The collector hung up instead of asking again: this machine was so slow that a scrape ran out of time. */
  givenUp: boolean;
}

export interface Fleet extends FleetSize {
  /** Writes the target file. */
  readonly publish: (directory: string) => Promise<void>;
  /** Every sample that the receiver took. */
  readonly arrived: (series: WrittenSeries) => void;
  /** Whether a series is of the last twentieth of the targets. */
  readonly isOfTheLast: (series: WrittenSeries) => boolean;
  /** Samples that were scraped in this time, and those of them that have not arrived; without scrapes that were given up. */
  readonly between: (start: number, end: number) => { readonly scraped: number; readonly missing: number };
  readonly close: () => Promise<void>;
}

const METRIC = 'bench_value';

export async function startFleet({ targets, series }: FleetSize): Promise<Fleet> {
  const scrapes = Array.from({ length: targets }, (): Scrape[] => []);
  /** The newest scrape on each connection, which a collector keeps open. */
  const newest = new WeakMap<Socket, Scrape>();
  const server = createServer((request, response) => {
    const own = scrapes[Number(request.url?.slice(1))];
    if (own === undefined) return response.writeHead(404).end();
    const scrape = { at: performance.now(), arrived: 0, givenUp: false };
    own.push(scrape);
    newest.set(request.socket, scrape);
    const value = own.length;
    const lines = Array.from(
      { length: series },
      (_, n) => `${METRIC}{path="/orders/${n}",method="GET",status="200"} ${value}`,
    );
    return response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(`# TYPE ${METRIC} gauge\n${lines.join('\n')}\n`);
  });
  server.on('connection', (socket) =>
    socket.once('close', () => {
      const scrape = newest.get(socket);
      if (scrape) scrape.givenUp = true;
    }),
  );
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    targets,
    series,
    publish: async (directory) => {
      const groups = scrapes.map((_, target) => ({
        targets: [`127.0.0.1:${port}`],
        labels: {
          __metrics_path__: `/${target}`,
          instance: String(target),
          cluster: 'prod',
          service: `service-${target % 50}`,
          taskdefinition: `service-${target % 50}`,
          taskid: target.toString(16).padStart(32, '0'),
        },
      }));
      await writeFile(join(directory, 'prod-0.new'), JSON.stringify(groups));
      await rename(join(directory, 'prod-0.new'), join(directory, 'prod-0.json'));
    },
    arrived: ({ labels, values }) => {
      if (labels.get('__name__') !== METRIC) return;
      for (const value of values) {
        // A stale marker is not a number.
        const scrape = scrapes[Number(labels.get('instance'))]?.[value - 1];
        if (scrape !== undefined) scrape.arrived++;
      }
    },
    isOfTheLast: ({ labels }) => Number(labels.get('instance')) >= targets * 0.95,
    between: (start, end) => {
      const inside = scrapes
        .flat()
        .filter(({ at, arrived, givenUp }) => at >= start && at <= end && !(givenUp && arrived === 0));
      return {
        scraped: inside.length * series,
        missing: inside.reduce((sum, { arrived }) => sum + Math.max(0, series - arrived), 0),
      };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
