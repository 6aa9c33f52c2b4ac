import { describe, expect, it } from '@jest/globals';
import type { TargetGroup } from '../../functions/discovery/target/file-sd.ts';
import { LABELS, queryOf } from '../../functions/discovery/target/labels.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import { casesOf, type Outcome, readCase, runCase } from './run-case.ts';

interface Row {
  /** `address:port/path` of each target, with the labels that matter. */
  readonly targets?: readonly (readonly [string, Readonly<Record<string, string | undefined>>?])[];
  /** What the rejections say, one each, in order. */
  readonly rejected?: readonly string[];
  /** What is written and not understood. */
  readonly warned?: readonly string[];
  /** Kinds of the outcomes of the events; by default one, of targets or of nothing. */
  readonly kinds?: readonly Outcome['kind'][];
  /** Why the last event is tried again. */
  readonly held?: string;
  /** Operations of AWS that are asked for, where that matters. */
  readonly asked?: readonly string[];
  /** Settings that the file's `expected` needs beside its own. */
  readonly settings?: Partial<DiscoverySettings>;
  /** Where `expected` offers a choice: which, and why. */
  readonly decided?: string;
}

const FARGATE = '10.42.7.11';
const HOST = '10.42.0.5';

const CASES: Readonly<Record<string, Row>> = {
  'annotation-with-the-port-of-the-host': {
    targets: [
      [`${HOST}:8090/metrics`, { container: 'app' }],
      [`${HOST}:32801/metrics`, { container: 'side' }],
    ],
  },
  'appmesh-envoy': { targets: [[`${FARGATE}:9901/stats/prometheus`, { container: 'envoy' }]] },
  'awsvpc-dual-stack': { targets: [[`${FARGATE}:9102/metrics`]] },
  'both-families-one-port': { targets: [[`${FARGATE}:9102/metrics`, { job: 'billing' }]] },
  'bridge-tcp-and-udp-same-port': { targets: [[`${HOST}:32801/metrics`]] },
  'bridge-two-ports': { targets: [[`${HOST}:32135/metrics`]] },
  'bridge-with-ebs-attachment': { targets: [[`${HOST}:32901/metrics`]] },
  china: { targets: [[`${FARGATE}:9102/metrics`]] },
  'custom-group': { targets: [[`${FARGATE}:9102/metrics`, { service: undefined }]] },
  'describe-tasks-partial-failure': { kinds: ['targets', 'targets', 'held'], held: 'ACCESS_DENIED' },
  'docker-labels-as-labels': {
    decided: 'Labels of the CloudWatch agent are carried by a list in the settings; service stays that of ECS.',
    settings: { dockerLabels: ['env', 'app_x', 'service'] },
    targets: [
      [`${FARGATE}:1884/metrics`, { job: 'kafka-bridge', env: 'stage', app_x: 'redis_exporter', service: 'pear' }],
    ],
  },
  'dynamic-export-tcp-and-udp': {
    decided: 'Scraped: UDP cannot be what is meant, so one port is left.',
    targets: [[`${HOST}:32801/metrics`]],
  },
  'ec2-no-dns-hostnames': { targets: [[`${HOST}:32901/metrics`]] },
  'gov-cloud': { targets: [[`${FARGATE}:9102/metrics`]] },
  'host-mode-ipv6-only-instance': { targets: [['[2001:db8:7::1f]:9100/metrics']] },
  'host-two-enis': {
    targets: [['10.42.0.10:9100/metrics']],
    decided:
      'The primary interface, as ECS itself registers it; docs/scraping.md says so, and how to relabel to another.',
  },
  'label-and-rule-in-one-task': {
    targets: [
      [`${FARGATE}:8080/actuator/prometheus`, { container: 'app', job: undefined }],
      [`${FARGATE}:9113/metrics`, { job: 'nginx' }],
    ],
  },
  'long-names': {
    targets: [
      [
        `${FARGATE}:9102/metrics`,
        { cluster: 'c'.repeat(255), service: 's'.repeat(255), taskdefinition: 'f'.repeat(255) },
      ],
    ],
  },
  'lower-case-and-dots': {
    decided: 'Read: a dot separates a suffix as an underscore does.',
    targets: [[`${FARGATE}:9105/b`]],
  },
  'managed-instance-host-mode': { targets: [[`${HOST}:9100/metrics`]] },
  'managed-instance-host-mode-hidden': {
    kinds: ['held'],
    held: 'EC2 gives no answer for i-0aa11, the host of the task',
  },
  'metrics-path-empty': { targets: [[`${FARGATE}:9102/metrics`, { job: undefined, __scheme__: undefined }]] },
  'metrics-path-no-slash': {
    decided: 'The slash is added, as the tools do that pass the path on to Prometheus.',
    targets: [[`${FARGATE}:8081/actuator/prometheus`]],
  },
  'old-arn-format': { targets: [['10.42.7.23:9102/metrics']] },
  'other-conventions': {
    targets: [],
    warned: ['PROMETHEUS_LABELS is not read', 'PROMETHEUS_SCRAPES is not read'],
    decided: 'Named in docs/migrating.md as not read. The environment may hold secrets, so it is never looked at.',
  },
  'port-0-compose': {
    targets: [],
    rejected: ["container port 8090 is not published on the host: it is the host's port of container port 9090"],
  },
  'port-whitespace-and-list': {
    targets: [[`${FARGATE}:9102/metrics`], [`${FARGATE}:9104/metrics`]],
    rejected: ['container b: the metrics port must be a number', 'container c: the metrics port must be a number'],
    decided: 'Blanks around a number are harmless, so that it is scraped.',
  },
  'rule-ports-of-several-services': {
    targets: [
      [`${FARGATE}:9404/stats/metrics`, { job: 'task_def_1', __meta_ecs_container_name: 'b' }],
      [
        `${FARGATE}:9901/stats/metrics`,
        { job: 'task_def_1', __meta_ecs_container_name: 'a', __meta_ecs_container_labels_env: 'stage' },
      ],
    ],
  },
  'rule-two-containers-bridge': { targets: [[`${HOST}:32811/metrics`], [`${HOST}:32812/metrics`]] },
  'run-of-deleted-definition': {
    kinds: ['held'],
    held: 'task-definition/batch-77:14: Unable to describe task definition.',
  },
  'same-port-label-on-two-containers': { targets: [[`${FARGATE}:9545/metrics`, { container: 'exporter' }]] },
  'scheme-upper-case': {
    decided: 'Read as https: a scheme has no capitals of its own (RFC 3986).',
    targets: [[`${FARGATE}:8443/metrics`, { __scheme__: 'https' }]],
  },
  'service-connect-and-guardduty': { targets: [[`${FARGATE}:9102/metrics`]] },
  'spot-interruption': { kinds: ['targets', 'stop'] },
  'spring-two-exporters': { targets: [[`${FARGATE}:8080/actuator/prometheus`], [`${FARGATE}:9545/metrics`]] },
  'stop-of-deleted-definition': {
    kinds: ['stop', 'stop'],
    asked: [],
    decided:
      'Announced without any look, because a stop is never dropped; whoever does not know the task writes nothing.',
  },
  'stopped-before-start': { kinds: ['nothing'], asked: [] },
  'task-set-registries': { targets: [[`${FARGATE}:3000/metrics`]] },
  'windows-default-network-mode': { targets: [[`${HOST}:49170/metrics`]] },
  'windows-no-network-mode': { targets: [[`${HOST}:49170/metrics`]] },
};

const urlOf = ({ targets, labels }: TargetGroup): string => {
  const query = queryOf(labels);
  return `${targets[0]}${labels[LABELS.metricsPath]}${query && `?${query}`}`;
};

describe('the situations of others, from the event to the targets', () => {
  it.each(Object.entries(CASES))('%s', async (name, row) => {
    const { targets = [], rejected = [], warned = [], held = '', settings } = row;
    const { outcomes, asked } = await runCase(readCase(name), settings);
    const kinds = row.kinds ?? [targets.length > 0 ? 'targets' : 'nothing'];
    expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);
    if (row.asked) expect(asked).toEqual(row.asked);
    const last = outcomes.at(-1);
    if (last?.kind === 'held') expect(last.message).toContain(held);
    const groups = last?.kind === 'targets' ? last.groups : [];
    expect(groups.map(urlOf)).toEqual(targets.map(([url]) => url));
    for (const [index, [, wanted = {}]] of targets.entries()) {
      const labels = groups[index]?.labels ?? {};
      const found = Object.fromEntries(Object.keys(wanted).map((label) => [label, labels[label]]));
      expect(found).toEqual(wanted);
    }
    const { rejections = [], warnings = [] } = last && 'scraping' in last ? (last.scraping ?? {}) : {};
    expect(rejections.map(({ message }) => message)).toEqual(rejected.map((text) => expect.stringContaining(text)));
    expect(warnings.map(({ message }) => message)).toEqual(warned.map((text) => expect.stringContaining(text)));
  });

  it('are all here', () => {
    expect(Object.keys(CASES).sort()).toEqual(casesOf('events').sort());
  });
});
