import { describe, expect, it } from '@jest/globals';
import { createHealth } from '../../../containers/target-sync/operator/health.ts';
import { serveHealth } from '../../../containers/target-sync/operator/health-server.ts';
import { createIncidents } from '../../../containers/target-sync/operator/incidents.ts';
import { stillClock } from './fixtures.ts';

describe('health', () => {
  it('is failing only after a long time without any contact, and good with the next', () => {
    const clock = stillClock();
    const health = createHealth(clock.now, 900_000);
    expect(health.report()).toEqual({ status: 'starting' });
    health.contact();
    clock.advance(900_000);
    expect(health.report()).toEqual({ status: 'ok', secondsSinceContact: 900 });
    clock.advance(1);
    expect(health.report().status).toBe('failing');
    health.contact();
    expect(health.report()).toEqual({ status: 'ok', secondsSinceContact: 0 });
  });

  it('is answered as good once the targets were loaded, with the problems there are', async () => {
    const clock = stillClock();
    const health = createHealth(clock.now, 1000);
    const incidents = createIncidents(() => {});
    const { server, port } = await serveHealth(0, health.report, incidents);
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return [response.status, await response.json()];
    };
    expect(await ask()).toEqual([503, { status: 'starting', problems: [] }]);
    health.contact();
    incidents.begin('prod/0', 'the disk is full');
    expect(await ask()).toEqual([200, { status: 'ok', secondsSinceContact: 0, problems: ['the disk is full'] }]);
    clock.advance(1001);
    // Replacing the task would take the collector's targets away.
    expect(await ask()).toEqual([200, { status: 'failing', secondsSinceContact: 1, problems: ['the disk is full'] }]);
    await expect(serveHealth(port, health.report, incidents)).rejects.toThrow('set another TARGET_SYNC_HEALTH_PORT');
    await new Promise((closed) => server.close(closed));
  });
});

describe('a problem that lasts', () => {
  it('is told when it begins, when it changes, and when it is over', () => {
    const told: string[] = [];
    const incidents = createIncidents((level, message) => told.push(`${level}: ${message}`));
    incidents.end('prod/0');
    incidents.begin('prod/0', 'throttled');
    incidents.begin('prod/0', 'throttled');
    incidents.begin('prod/0', 'denied');
    incidents.end('prod/0');
    incidents.end('prod/0');
    expect(told).toEqual(['error: throttled', 'error: denied', 'info: works again']);
  });
});
