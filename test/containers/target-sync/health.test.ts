import { describe, expect, it } from '@jest/globals';
import { healthAnswer } from '../../../containers/target-sync/http/health-answer.ts';
import { createHealth } from '../../../containers/target-sync/operator/health.ts';
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

  it('is answered as good once the targets were loaded, with the problems there are', () => {
    const clock = stillClock();
    const health = createHealth(clock.now, 1000);
    const incidents = createIncidents(
      () => {},
      () => 5,
    );
    const full = { subject: 'prod/0', problem: 'the disk is full', since: 5 };
    const ask = () => {
      const { status, body } = healthAnswer(health.report(), incidents);
      return [status, JSON.parse([...body].join(''))];
    };
    expect(ask()).toEqual([503, { status: 'starting', problems: [] }]);
    health.contact();
    incidents.begin('prod/0', 'the disk is full');
    expect(ask()).toEqual([200, { status: 'ok', secondsSinceContact: 0, problems: [full] }]);
    clock.advance(1001);
    // Replacing the task would take the collector's targets away.
    expect(ask()).toEqual([200, { status: 'failing', secondsSinceContact: 1, problems: [full] }]);
  });
});

describe('a problem that lasts', () => {
  it('is told when it begins, when it changes, and when it is over', () => {
    const told: string[] = [];
    const clock = stillClock(1000);
    const incidents = createIncidents((level, message) => told.push(`${level}: ${message}`), clock.now);
    incidents.end('prod/0');
    incidents.begin('prod/0', 'throttled');
    incidents.begin('prod/0', 'throttled');
    clock.advance(5000);
    incidents.begin('prod/0', 'denied');
    // It is the subject that has had problems since then, whichever they are.
    expect(incidents.open()).toEqual([{ subject: 'prod/0', problem: 'denied', since: 1000 }]);
    incidents.end('prod/0');
    incidents.end('prod/0');
    expect(incidents.open()).toEqual([]);
    expect(told).toEqual(['error: throttled', 'error: denied', 'info: works again']);
  });
});
