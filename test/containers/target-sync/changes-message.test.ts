import { describe, expect, it } from '@jest/globals';
import { changesInMessage } from '../../../containers/target-sync/changes-message.ts';

const detail = { deployment: 'discovery', cluster: 'prod', shards: [{ shard: 0, version: 7 }] };
const event = { source: 'ecs-prometheus-discovery', 'detail-type': 'Scrape Targets Changed', detail };

describe('a queue message', () => {
  it('holds the event in its envelope, whatever else is in there', () => {
    const body = JSON.stringify({ ...event, version: '0', id: 'x', detail: { ...detail, later: true } });
    expect(changesInMessage(body)).toMatchObject(detail);
  });

  it.each([
    ['', 'nothing'],
    ['{"source":', 'half a document'],
    ['null', 'null'],
    [JSON.stringify(detail), 'the detail alone'],
    [JSON.stringify({ ...event, source: 'aws.ecs' }), 'an event of somebody else'],
    [JSON.stringify({ ...event, detail: { ...detail, shards: [{ shard: -1, version: 1 }] } }), 'a negative shard'],
    [JSON.stringify({ ...event, detail: { ...detail, shards: [{ shard: 0, version: '7' }] } }), 'a version in quotes'],
    [JSON.stringify({ ...event, detail: { ...detail, shards: {} } }), 'no list of shards'],
  ])('that holds %j is no event: %s', (body) => {
    expect(changesInMessage(body)).toBeUndefined();
  });
});
