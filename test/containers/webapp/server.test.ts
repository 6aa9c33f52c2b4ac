import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startLoadGenerator } from '../../../containers/webapp/load-generator.ts';
import { workloadMetrics } from '../../../containers/webapp/metrics.ts';
import { webappServer } from '../../../containers/webapp/server.ts';

/** Labels that the discovery puts on a target: a metric that carried one would be renamed `exported_…`. */
const TARGET_LABELS = [
  'cluster',
  'service',
  'taskdefinition',
  'namespace',
  'taskid',
  'instance',
  'port',
  'container',
  'job',
];

let server: Server;
let origin: string;

beforeEach(async () => {
  server = webappServer(workloadMetrics(), 2);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const metricsText = async () => (await fetch(`${origin}/metrics`)).text();

/** Value of one sample, or undefined when the exposition has no such line. */
async function sample(series: string): Promise<number | undefined> {
  const line = (await metricsText()).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('the webapp', () => {
  it('answers GET /work and counts it where the reference queries look', async () => {
    for (let request = 0; request < 3; request += 1) {
      const response = await fetch(`${origin}/work?n=${request}`);
      expect([response.status, await response.text()]).toEqual([200, 'work done\n']);
    }
    expect(await sample('http_requests_total{path="/work",method="GET",status="200"}')).toBe(3);
    expect(await sample('request_duration_milliseconds_count{path="/work"}')).toBe(3);
    expect(await sample('request_duration_milliseconds_sum{path="/work"}')).toBeGreaterThan(0);
    expect(await sample('request_duration_milliseconds_bucket{le="+Inf",path="/work"}')).toBe(3);
  });

  it('declares a counter and a histogram in the Prometheus text format', async () => {
    const response = await fetch(`${origin}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toContain('# TYPE http_requests_total counter\n');
    expect(text).toContain('# TYPE request_duration_milliseconds histogram\n');
    expect(text).toContain('process_cpu_seconds_total ');
  });

  it('does not count scrapes and health checks as work', async () => {
    await metricsText();
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    expect(await metricsText()).not.toContain('http_requests_total{');
  });

  it.each([
    ['/nothing', 'GET', 404, 'http_requests_total{path="other",method="GET",status="404"}'],
    ['/work', 'POST', 405, 'http_requests_total{path="/work",method="POST",status="405"}'],
    ['/wp-login.php', 'PROPFIND', 404, 'http_requests_total{path="other",method="other",status="404"}'],
  ])('%s by %s is answered %i without a series of its own', async (path, method, status, series) => {
    expect((await fetch(origin + path, { method })).status).toBe(status);
    expect(await sample(series)).toBe(1);
  });

  it('uses no label that the discovery sets on a target', async () => {
    await fetch(`${origin}/work`);
    const text = await metricsText();
    const names = new Set([...text.matchAll(/[{,]([a-zA-Z_]+)="/g)].map(([, name]) => name));
    expect(names).toContain('path');
    expect(TARGET_LABELS.filter((label) => names.has(label))).toEqual([]);
  });

  it('is called by its load generator at the rate asked for, until it is stopped', async () => {
    const load = startLoadGenerator(new URL(`${origin}/work`), 100);
    await new Promise((elapsed) => setTimeout(elapsed, 500));
    load.stop();
    await new Promise((elapsed) => setTimeout(elapsed, 50));
    const series = 'http_requests_total{path="/work",method="GET",status="200"}';
    const counted = await sample(series);
    expect(counted).toBeGreaterThan(20);
    expect(counted).toBeLessThanOrEqual(50);
    await new Promise((elapsed) => setTimeout(elapsed, 100));
    expect(await sample(series)).toBe(counted);
  });
});
