import { describe, expect, it } from '@jest/globals';
import {
  hasScrapeTags,
  type TaggedCloudMapService,
} from '../../../../functions/discovery/selection/cloud-map-service.ts';
import { selectByCloudMapTags, unreadTags } from '../../../../functions/discovery/selection/cloud-map-tags.ts';

describe('tags of a Cloud Map service', () => {
  const service = (tags: Record<string, string>): TaggedCloudMapService => ({
    id: 'srv-1',
    name: 'shop',
    namespace: 'ns',
    tags,
  });
  const app = (containerPort: number, path: string) => ({ containerPort, path, scheme: 'http' });

  it.each<[Record<string, string>, object[]]>([
    [{ METRICS_PATH: '/metrics', METRICS_PORT: '3000' }, [app(3000, '/metrics')]],
    [{ METRICS_PATH: '/stats' }, [app(80, '/stats')]],
    [{ METRICS_PATH: '', METRICS_PORT: '' }, [app(80, '/metrics')]],
    [{ METRICS_PATH: 'stats', METRICS_PORT: ' 3000' }, [app(3000, '/stats')]],
    [{ ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '' }, []],
    [{ METRICS_PORT: '3000' }, []],
    [{ ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' }, [app(9779, '/metrics')]],
    [{ ECS_METRICS_PATH: '/metrics' }, []],
    [{ ECS_METRICS_PORT: '9779' }, []],
    [
      { METRICS_PATH: '/metrics', METRICS_PORT: '3000', ECS_METRICS_PATH: '/metrics', ECS_METRICS_PORT: '9779' },
      [app(3000, '/metrics'), app(9779, '/metrics')],
    ],
    [{ team: 'x' }, []],
  ])('%j select %j', (tags, endpoints) => {
    expect(selectByCloudMapTags(service(tags))).toMatchObject({ endpoints, rejections: [] });
    expect(hasScrapeTags(service(tags))).toBe(endpoints.length > 0);
  });

  it('without a port mean that of the registration, as a tag with a port does not', () => {
    const registered = (tags: Record<string, string>) => selectByCloudMapTags({ ...service(tags), port: 8080 });
    expect(registered({ METRICS_PATH: '/stats' }).endpoints).toEqual([app(8080, '/stats')]);
    expect(registered({ METRICS_PATH: '/stats', METRICS_PORT: '3000' }).endpoints).toEqual([app(3000, '/stats')]);
  });

  it('that are wrong are rejected, and the other endpoint is scraped', () => {
    const tags = {
      METRICS_PATH: '/metrics',
      METRICS_PORT: 'x',
      ECS_METRICS_PATH: '/metrics',
      ECS_METRICS_PORT: '9779',
    };
    expect(selectByCloudMapTags(service(tags))).toEqual({
      endpoints: [app(9779, '/metrics')],
      rejections: [{ reason: 'invalid-port', message: 'the metrics port must be a number from 1 to 65535, not "x"' }],
      warnings: [],
    });
  });

  it.each<[Record<string, string>, string[]]>([
    [{ METRICS_PATH: '/m', METRICS_PORT: '1', team: 'x', Name: 'shop' }, []],
    [{ METRICS_PORT: '3000' }, ['the tag METRICS_PORT has no effect without METRICS_PATH']],
    [{ ECS_METRICS_PATH: '/m' }, ['the tag ECS_METRICS_PATH has no effect without ECS_METRICS_PORT']],
    [{ METRIC_PATH: '/m' }, ['the tag METRIC_PATH is not one that is read; did you mean METRICS_PATH?']],
    [{ metrics_port: '1' }, ['the tag metrics_port is not one that is read; did you mean METRICS_PORT?']],
    [{ metrics_owner_of_this_service: 'x' }, []],
    [
      { PROMETHEUS_EXPORTER_PORT: '1' },
      [
        'the tag PROMETHEUS_EXPORTER_PORT is a docker label of containers; the tags that are read are METRICS_PORT, METRICS_PATH, ECS_METRICS_PORT, ECS_METRICS_PATH',
      ],
    ],
  ])('%j have no effect where they are misspelt or half: %j', (tags, expected) => {
    expect(unreadTags(service(tags)).map(({ message }) => message)).toEqual(
      expected.map((text) => `Cloud Map service shop: ${text}`),
    );
  });
});
