import { networkInterfaces } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { text } from '../../../containers/target-sync/http/answer.ts';
import { type Routes, serve } from '../../../containers/target-sync/http/server.ts';

const ROUTES: Routes = {
  '/': { isLocal: true, answer: () => text(200, 'health') },
  '/open': { answer: ({ query, known }) => text(200, `${query.get('a')} ${known}`) },
  '/broken': {
    answer: () => {
      throw new Error('it broke');
    },
  },
};

/** Starts a server and asks it; the port is the same at every address. */
async function serving<T>(
  listen: string,
  action: (ask: (address: string, path: string, init?: RequestInit) => Promise<string>) => Promise<T>,
) {
  const server = await serve({ listen, port: 0 }, ROUTES);
  try {
    return await action(async (address, path, init) => {
      const response = await fetch(`http://${address}:${server.port}${path}`, init);
      return `${response.status} ${(await response.text()).trim()}`;
    });
  } finally {
    server.close();
  }
}

/** An address of this machine that is not the loopback one, as another host would use. */
const outside =
  Object.values(networkInterfaces())
    .flat()
    .find((it) => it?.family === 'IPv4' && !it.internal)?.address ?? '127.0.0.2';
const isOutside = outside !== '127.0.0.2';

describe('the HTTP server', () => {
  it('answers by path, with the query and the header, and says what there is', () =>
    serving('127.0.0.1', async (ask) => {
      expect(await ask('127.0.0.1', '/')).toBe('200 health');
      expect(await ask('127.0.0.1', '/open?a=1', { headers: { 'if-none-match': '"x"' } })).toBe('200 1 "x"');
      expect(await ask('127.0.0.1', '/open', { method: 'HEAD' })).toBe('200 ');
      for (const path of ['/other', '/toString'])
        expect(await ask('127.0.0.1', path)).toBe('404 there is /, /open, /broken');
      expect(await ask('127.0.0.1', '/open', { method: 'POST' })).toBe('405 only GET');
      expect(await ask('127.0.0.1', '/broken')).toBe('500 it broke');
    }));

  it('is on the loopback address alone unless it is told otherwise', () =>
    serving('127.0.0.1', async (ask) => {
      await expect(ask(outside, '/open')).rejects.toThrow('fetch failed');
    }));

  it.each(['0.0.0.0', outside])('on %s is open to others, but for the health check', (listen) =>
    serving(listen, async (ask) => {
      expect(await ask(outside, '/open?a=1')).toBe('200 1 undefined');
      expect((await ask(outside, '/')).slice(0, 3)).toBe(isOutside ? '404' : '200');
      expect(await ask('127.0.0.1', '/')).toBe('200 health');
    }),
  );

  it('says which settings to change where it cannot listen', async () => {
    const { port, close } = await serve({ listen: '127.0.0.1', port: 0 }, ROUTES);
    const again = serve({ listen: '127.0.0.1', port }, ROUTES);
    await expect(again).rejects.toThrow(
      /on 127.0.0.1:\d+ .*EADDRINUSE.*another TARGET_SYNC_HEALTH_PORT or TARGET_SYNC_LISTEN/,
    );
    close();
  });
});
