import { describe, expect, it } from '@jest/globals';
import { type Status, statusPage } from '../../../containers/target-sync/http/status-page.ts';
import type { HealthReport } from '../../../containers/target-sync/operator/health.ts';
import { rememberChanges } from '../../../containers/target-sync/operator/last-changes.ts';
import { ClusterTargets } from '../../../containers/target-sync/sync/cluster-targets.ts';
import { stillClock } from './fixtures.ts';
import { configuration, NOW, numberIn, stop, taskId, upsert } from './statements.ts';

function page(changes: Partial<Status> = {}): string {
  const known = new ClusterTargets(2);
  known.read(0, configuration(4, upsert(numberIn(0, 2)), upsert(numberIn(0, 2, 1))), NOW * 1000);
  known.read(1, configuration(4), NOW * 1000);
  const { status, headers, body } = statusPage({
    ...{ deployment: 'discovery', health: { status: 'ok' }, clusters: new Map([['prod', known]]), shards: [0, 1] },
    ...{ problems: [], changes: [], configurationAge: () => 240, now: NOW * 1000 },
    ...changes,
  });
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  return [...body].join('').replaceAll('\u00a0', ' ');
}

/** The text of the rows of all tables. */
const rows = (html: string): string[] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row.replaceAll(/<[^>]+>/g, '|').replaceAll(/[|\n]+/g, '|'),
  );

describe('the status page', () => {
  it('shows the targets by cluster', () => {
    expect(rows(page())).toContain('|prod|2|2|2|4 min ago|');
  });

  it('says that a cluster was not read yet', () => {
    const clusters = new Map([['new', new ClusterTargets(2)]]);
    expect(rows(page({ clusters }))).toContain('|new|0|0|2|not yet: 2 of 2|');
  });

  it('shows the last changes, the newest first, fifty of them', () => {
    const clock = stillClock();
    const changes = rememberChanges(clock.now);
    for (let number = 0; number < 60; number += 1) changes.heard?.('prod', upsert(number));
    changes.heard?.('prod', { ...stop(7), service: 'shop' });
    clock.advance(90_000);
    const shown = rows(page({ changes: changes.all(), now: clock.now() })).filter(
      (row) => row.includes(' ago|') && !row.includes('min'),
    );
    expect(shown).toHaveLength(50);
    expect(shown.slice(0, 2)).toEqual([
      `|90 s ago|stopped|shop|prod|${taskId(7)}|`,
      `|90 s ago|runs|web|prod|${taskId(59)}|`,
    ]);
  });

  it('shows the services, and says how many more there are than it shows', () => {
    const named = (number: number, service: string | undefined) => {
      const { targets, ...change } = upsert(number);
      const { service: _, ...others } = targets.labels;
      return { ...change, targets: { ...targets, labels: service === undefined ? others : { ...others, service } } };
    };
    const showing = (...names: (string | undefined)[]) => {
      const known = new ClusterTargets(1);
      known.read(0, configuration(1, ...names.map((name, number) => named(number, name))), NOW * 1000);
      return page({ clusters: new Map([['prod', known]]), shards: [0] });
    };
    const shown = rows(showing(undefined, 'web', 'shop', 'web'));
    expect(shown.slice(shown.indexOf('|Service|Cluster|Targets|Tasks|') + 1)).toEqual([
      '|shop|prod|1|1|',
      '|web|prod|2|2|',
      '|without a service|prod|1|1|',
    ]);
    const many = Array.from({ length: 201 }, (_, number) => `service-${number}`);
    expect(showing(...many)).toContain('1 more service: ');
    expect(showing(...many.slice(1))).not.toContain(' more service');
  });

  it.each([
    [0, '0 s ago'],
    [119, '119 s ago'],
    [120, '2 min ago'],
    [7200, '2 h ago'],
    [200_000, '2 days ago'],
    [-3, '0 s ago'],
  ])('says of %i seconds "%s"', (seconds, words) => {
    expect(rows(page({ configurationAge: () => seconds }))).toContain(`|prod|2|2|2|${words}|`);
  });

  it.each<[HealthReport, string]>([
    [{ status: 'ok' }, 'It works.'],
    [{ status: 'starting' }, 'It has just started and has read no configuration yet.'],
    [{ status: 'failing', secondsSinceContact: 1200 }, 'No configuration could be read for 20 min.'],
  ])('says what %j means', (health, words) => {
    expect(page({ health })).toContain(words);
  });

  it('shows the open problems, as text whatever is in them', () => {
    expect(page()).toContain('None.');
    const problem = { subject: 'file <b>/0', problem: '<script>alert("a & b")</script>', since: NOW * 1000 - 60_000 };
    const html = page({ problems: [problem] });
    expect(html).toContain('&lt;script&gt;alert(&quot;a &amp; b&quot;)&lt;/script&gt;');
    expect(html).toContain('60 s ago');
    expect(html).toContain('file &lt;b&gt;/0');
    expect(html).not.toMatch(/<script|<b>/);
    expect(html).toContain('It works, with 1 open problem.');
    expect(html).toContain('<title>1 problem – target-sync of discovery</title>');
  });
});
