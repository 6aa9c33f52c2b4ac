import { describe, expect, it } from '@jest/globals';
import { type Status, statusPage } from '../../../containers/target-sync/http/status-page.ts';
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
  return [...body].join('');
}

/** The text of the rows of all tables. */
const rows = (html: string): string[] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) => row.replaceAll(/<[^>]+>/g, '|').replaceAll(/\|+/g, '|'));

describe('the status page', () => {
  it('shows the targets by cluster', () => {
    expect(rows(page())).toContain('|prod|2|2|2|4 min ago|');
  });

  it('says that a cluster was not read yet', () => {
    const clusters = new Map([['new', new ClusterTargets(2)]]);
    expect(rows(page({ clusters }))).toContain('|new|0|0|2|2 shards not yet|');
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
      `|90 s ago|stopped|prod|shop|${taskId(7)}|`,
      `|90 s ago|runs|prod|web|${taskId(59)}|`,
    ]);
  });

  it('shows the open problems, as text whatever is in them', () => {
    expect(page()).toContain('None.');
    const html = page({ problems: ['<script>alert("a & b")</script>'], health: { status: 'failing' } });
    expect(html).toContain('&lt;script&gt;alert(&quot;a &amp; b&quot;)&lt;/script&gt;');
    expect(html).not.toContain('<script');
    expect(html).toContain('<h1>target-sync of discovery: failing</h1>');
  });
});
