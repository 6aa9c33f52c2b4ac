import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startNode } from '../started.ts';

/** Starts the webapp as its container does. */
const startWebapp = (env: Record<string, string>) => startNode(['containers/webapp/main.ts'], { env });

describe('the webapp process', () => {
  it('listens on the address of its task, calls itself, and ends cleanly on SIGTERM in the middle of work', async () => {
    const { child, output, exit } = startWebapp({
      HOST: '127.9.8.7',
      PORT: '0',
      LOAD_REQUESTS_PER_SECOND: '50',
      WORK_MILLISECONDS: '200',
    });
    while (!output().includes('\n')) await Promise.race([once(child.stdout, 'data'), exit]);
    const origin = /http:\/\/127\.9\.8\.7:\d+/.exec(output())?.[0];
    let metrics = '';
    while (!metrics.includes('http_requests_total{path="/work"'))
      metrics = await (await fetch(`${origin}/metrics`)).text();

    const inFlight = fetch(`${origin}/work`);
    await new Promise((elapsed) => setTimeout(elapsed, 50));
    child.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect(await exit).toEqual([0, null]);
  });

  it('ends with 1 and says which setting is wrong', async () => {
    const { output, exit } = startWebapp({ PORT: 'http' });
    expect(await exit).toEqual([1, null]);
    expect(output()).toBe('webapp: PORT is "http": set a whole number from 0 to 65535.\n');
  });

  it('ends with 1 and says so when the port is taken', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { output, exit } = startWebapp({ HOST: '127.0.0.1', PORT: String(port) });
    expect(await exit).toEqual([1, null]);
    expect(output()).toMatch(
      /^webapp: cannot listen on 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\): choose another HOST or PORT\.\n$/,
    );
    other.close();
  });
});
