import { describe, expect, it } from '@jest/globals';
import { unreadLabels } from '../../../../functions/discovery/selection/unread-labels.ts';

const unread = (dockerLabels: Record<string, string>, carried: readonly string[] = []) =>
  unreadLabels({ name: 'web', dockerLabels, containerPorts: [] }, carried).map(({ message }) => message);

const PORT = { PROMETHEUS_EXPORTER_PORT: '9090' };

describe('docker labels that have an effect', () => {
  it.each<[Record<string, string>]>([
    [{ ...PORT, PROMETHEUS_EXPORTER_PATH: '/m', PROMETHEUS_EXPORTER_JOB_NAME: '', PROMETHEUS_EXPORTER_SCHEME: 'http' }],
    [{ PROMETHEUS_EXPORTER_PORT_x: '1', PROMETHEUS_EXPORTER_PATH_x: '/m', PROMETHEUS_EXPORTER_JOB_NAME: 'j' }],
    [{ 'PROMETHEUS_EXPORTER_PORT.1': '1', 'PROMETHEUS_EXPORTER_PATH.1': '/m' }],
    [{ ECS_PROMETHEUS_EXPORTER_PORT: '1', ECS_PROMETHEUS_METRICS_PATH: '/m', job: 'j' }],
    [{ PROMETHEUS_DYNAMIC_EXPORT: '1', PROMETHEUS_EXPORTER_PATH: '/m' }],
    [{ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '1', 'prometheus.io/path': '/m' }],
    [
      {
        'com.example.team': 'x',
        'org.opencontainers.image.version': '1',
        traefik_enable: 'true',
        maintainer: 'x',
        job: 'x',
        enable_prometheus: 'true',
        'traefik.http.services.traefik-prometheus.loadbalancer.server.port': '8082',
      },
    ],
  ])('or are about something else are not warned of: %j', (labels) => {
    expect(unread(labels)).toEqual([]);
  });
});

describe('docker labels that have no effect', () => {
  it.each<[Record<string, string>, string]>([
    [
      { PROMETHEUS_EXPORTER_PRT: '1' },
      'PROMETHEUS_EXPORTER_PRT is not one that is read; did you mean PROMETHEUS_EXPORTER_PORT?',
    ],
    [
      { PROMETHEUS_EXPORTER_PORTS: '1' },
      'PROMETHEUS_EXPORTER_PORTS is not one that is read; did you mean PROMETHEUS_EXPORTER_PORT?',
    ],
    [
      { PROMETEUS_EXPORTER_PORT: '1' },
      'PROMETEUS_EXPORTER_PORT is not one that is read; did you mean PROMETHEUS_EXPORTER_PORT?',
    ],
    [{ ecs_prometheus_exporter_port: '1' }, 'is not one that is read; did you mean ECS_PROMETHEUS_EXPORTER_PORT?'],
    [{ 'prometheus.io/scrap': 'true' }, 'is not one that is read; did you mean prometheus.io/scrape?'],
    [{ ...PORT, PROMETHEUS_EXPORTER_PAHT: '/m' }, 'is not one that is read; did you mean PROMETHEUS_EXPORTER_PATH?'],
    [
      { PROMETHEUS_EXPORTER_PORT_admin: '1', PROMETHEUS_EXPORTER_PATH_admni: '/m' },
      'PROMETHEUS_EXPORTER_PATH_admni has no effect without PROMETHEUS_EXPORTER_PORT_admni; did you mean PROMETHEUS_EXPORTER_PATH_admin?',
    ],
    [
      { PROMETHEUS_EXPORTER_PORT_admin: '1', PROMETHEUS_EXPORTER_PHAT_admin: '/m' },
      'did you mean PROMETHEUS_EXPORTER_PATH_admin?',
    ],
    [
      { ECS_PROMETHEUS_METRICS_PATH: '/m' },
      'ECS_PROMETHEUS_METRICS_PATH has no effect without ECS_PROMETHEUS_EXPORTER_PORT',
    ],
    [{ ECS_PROMETHEUS_EXPORTER_PORT: '' }, 'ECS_PROMETHEUS_EXPORTER_PORT is empty, so it selects nothing'],
    [{ PROMETHEUS_DYNAMIC_EXPORT: 'true' }, 'PROMETHEUS_DYNAMIC_EXPORT has to be 1 to have an effect, not "true"'],
    [{ 'prometheus.io/port': '1' }, 'prometheus.io/port has no effect without prometheus.io/scrape=true'],
    [{ 'prometheus.io/scrape': 'yes' }, 'prometheus.io/scrape has to be true to have an effect, not "yes"'],
    [
      { ...PORT, PROMETHEUS_EXPORTER_SERVER_NAME: 'x' },
      'PROMETHEUS_EXPORTER_SERVER_NAME is not read: targets are addresses',
    ],
    [{ PROMETHEUS_SCRAPES: '8080' }, 'PROMETHEUS_SCRAPES is not read: write a PROMETHEUS_EXPORTER_PORT_x'],
    [{ PROMETHEUS_SOMETHING_ELSE_ENTIRELY: 'x' }, 'PROMETHEUS_SOMETHING_ELSE_ENTIRELY is not one that is read'],
    [{ METRICS_PORT: '1' }, 'METRICS_PORT is not read: it is a tag of Cloud Map services'],
    [{ metrics_path: '/m' }, 'metrics_path is not read: it is a tag of Cloud Map services'],
    [{ FARGATE_PROMETHEUS_EXPORTER_PORT: '1' }, 'is not one that is read; did you mean PROMETHEUS_EXPORTER_PORT?'],
  ])('%j are warned of', (labels, text) => {
    const [warning, ...others] = unread(labels);
    expect(warning).toContain('container web: the docker label ');
    expect(warning).toContain(text);
    expect(others).toEqual([]);
  });

  it.each<[string, string | undefined]>([
    ['PROMETHEUS_PORT', 'PROMETHEUS_EXPORTER_PORT'],
    ['ECS_PROMETHEUS_PORT', 'ECS_PROMETHEUS_EXPORTER_PORT'],
    ['ECS_PROMETHEUS_EXPORTER_PATH', 'ECS_PROMETHEUS_METRICS_PATH'],
    ['PROMETHEUS_METRICS_PATH', 'PROMETHEUS_EXPORTER_PATH'],
    ['PROMETHEUS_JOB_NAME', 'PROMETHEUS_EXPORTER_JOB_NAME'],
    ['prometheus.port', 'prometheus.io/port'],
    // What these say, no label says.
    ['prometheus.io/job', undefined],
    ['prometheus.io/param_format', undefined],
    ['PROMETHEUS_EXPORTER_PREFER_IPV6', undefined],
  ])('%s means %s: the same kind of thing, in the words of the same tool', (label, meant) => {
    const [warning = ''] = unread({ ...PORT, [label]: 'x' });
    expect(warning.split('did you mean ')[1]).toBe(meant && `${meant}?`);
  });

  it('but are labels of the targets are not', () => {
    expect(unread({ PROMETHEUS_LABELS: 'x', PROMETHEUS_TEAM: 'x' }, ['PROMETHEUS_*'])).toEqual([]);
  });
});
