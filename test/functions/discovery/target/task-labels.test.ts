import { describe, expect, it } from '@jest/globals';
import { targetGroups } from '../../../../functions/discovery/target/file-sd.ts';
import type { LabelSettings } from '../../../../functions/discovery/target/task-labels.ts';
import { taskLabels, wantsTags } from '../../../../functions/discovery/target/task-labels.ts';
import { targetsOfTask } from '../../../../functions/discovery/target/task-targets.ts';
import { parseTask } from '../../../../functions/discovery/task/task.ts';
import { describedTask } from '../../../factories/tasks.ts';

const DEFAULT = { cluster: 'prod', service: 'shop', taskdefinition: 'shop' };

const task = parseTask({
  ...describedTask({ number: 7 }),
  startedBy: 'ecs-svc/42',
  platformFamily: 'Linux',
  platformVersion: '1.4.0',
  tags: [
    { key: 'team', value: 'edge' },
    { key: 'com.example/cost', value: '7' },
    { key: 'cluster', value: 'mine' },
    { key: 'empty', value: '' },
  ],
});

const labelsOf = (labels: LabelSettings, service: Record<string, string> = {}, cluster: Record<string, string> = {}) =>
  taskLabels(task, { labels, tags: { service, cluster } });

describe('the labels of a task', () => {
  it('are those of the reference system and no others, until somebody asks', () => {
    expect(taskLabels(task, {})).toEqual(DEFAULT);
    expect(JSON.stringify(taskLabels(task, { labels: { extra: [], tags: [], meta: false } }))).toBe(
      JSON.stringify(DEFAULT),
    );
  });

  it('may be more, in an order that does not depend on who asks', () => {
    const all = ['availability_zone', 'launch_type', 'revision', 'started_by'] as const;
    const labels = labelsOf({ extra: [...all] });
    expect(labels).toEqual({
      ...DEFAULT,
      availability_zone: 'eu-west-1a',
      launch_type: 'FARGATE',
      revision: '1',
      started_by: 'ecs-svc/42',
    });
    expect(JSON.stringify(labelsOf({ extra: all.toReversed() }))).toBe(JSON.stringify(labels));
  });

  it('may be tags of the task, its service and its cluster, the nearest one first', () => {
    const labels = labelsOf(
      { tags: ['team', 'com.*', 'stage', 'empty'] },
      { team: 'all', stage: 'live', other: 'x' },
      { stage: 'y' },
    );
    expect(labels).toEqual({ ...DEFAULT, team: 'edge', com_example_cost: '7', stage: 'live' });
  });

  it('are never replaced by a tag', () => {
    expect(
      labelsOf({ tags: ['*'] }, { taskid: 'x', __address__: 'x', revision: 'x', job: 'x', instance: 'x' }),
    ).toEqual({
      ...DEFAULT,
      team: 'edge',
      com_example_cost: '7',
    });
  });

  it.each<[LabelSettings | undefined, boolean]>([
    [undefined, false],
    [{ extra: ['revision'] }, false],
    [{ tags: ['team'] }, true],
    [{ meta: true }, true],
  ])('%j need tags: %p', (labels, wanted) => {
    expect(wantsTags(labels)).toBe(wanted);
  });
});

describe('the labels __meta_ecs_…', () => {
  const definition = {
    arn: task.taskDefinitionArn,
    networkMode: 'awsvpc',
    containers: [{ name: 'web', dockerLabels: { 'com.example.app': 'shop' }, containerPorts: [] }],
  };
  const endpoint = { container: 'web', containerPort: 9090, path: '/metrics', scheme: 'http' } as const;
  const made = (one: typeof task, meta: boolean) =>
    targetsOfTask(one, 'awsvpc', [endpoint], {
      labels: { meta },
      tags: { service: { stage: 'live' }, cluster: { owner: 'x' } },
      definition,
    }).targets;
  const written = (one = task) => {
    const targets = made(one, true);
    return targetGroups(targets ? [targets] : [])[0]?.labels ?? {};
  };
  const account = 'arn:aws:ecs:eu-west-1:111122223333';

  it('are those of Prometheus’ own discovery', () => {
    expect(written()).toMatchObject({
      __meta_ecs_cluster: 'prod',
      __meta_ecs_cluster_arn: `${account}:cluster/prod`,
      __meta_ecs_service: 'shop',
      __meta_ecs_service_arn: `${account}:service/prod/shop`,
      __meta_ecs_task_group: 'service:shop',
      __meta_ecs_task_arn: task.arn,
      __meta_ecs_task_definition: task.taskDefinitionArn,
      __meta_ecs_region: 'eu-west-1',
      __meta_ecs_availability_zone: 'eu-west-1a',
      __meta_ecs_subnet_id: 'subnet-0123456789abcdef0',
      __meta_ecs_ip_address: '10.0.0.7',
      __meta_ecs_launch_type: 'FARGATE',
      __meta_ecs_desired_status: 'RUNNING',
      __meta_ecs_last_status: 'RUNNING',
      __meta_ecs_platform_family: 'Linux',
      __meta_ecs_platform_version: '1.4.0',
      __meta_ecs_network_mode: 'awsvpc',
      __meta_ecs_tag_task_team: 'edge',
      __meta_ecs_tag_task_com_example_cost: '7',
      __meta_ecs_tag_service_stage: 'live',
      __meta_ecs_tag_cluster_owner: 'x',
    });
  });

  it('are those of the observer', () => {
    expect(written()).toMatchObject({
      __meta_ecs_source: task.arn,
      __meta_ecs_cluster_name: 'prod',
      __meta_ecs_service_name: 'shop',
      __meta_ecs_task_definition_family: 'shop',
      __meta_ecs_task_definition_revision: '1',
      __meta_ecs_task_started_by: 'ecs-svc/42',
      __meta_ecs_task_launch_type: 'FARGATE',
      __meta_ecs_task_group: 'service:shop',
      __meta_ecs_task_tags_team: 'edge',
      __meta_ecs_container_name: 'web',
      __meta_ecs_container_labels_com_example_app: 'shop',
    });
  });

  it('have the ARN of a task of an old account, which has no cluster in it', () => {
    const old = { ...task, arn: task.arn.replace('/prod/', '/') };
    expect(old.arn).not.toBe(task.arn);
    expect(written(old)).toMatchObject({ __meta_ecs_task_arn: old.arn, __meta_ecs_source: old.arn });
  });

  it('name the container that has the port where only the task is known, as with rules and tags', () => {
    const containers = ['web', 'side'].map((name, index) => ({
      name,
      containerPorts: [9000 + index],
      dockerLabels: { name },
    }));
    const labelsAt = (containerPort: number, some = containers) => {
      const endpoint = { containerPort, path: '/metrics', scheme: 'http' as const };
      const definition = { arn: task.taskDefinitionArn, networkMode: 'awsvpc', containers: some };
      const { targets } = targetsOfTask(task, 'awsvpc', [endpoint], { labels: { meta: true }, definition });
      return targetGroups(targets ? [targets] : [])[0]?.labels;
    };
    const side = { __meta_ecs_container_name: 'side', __meta_ecs_container_labels_name: 'side' };
    expect(labelsAt(9001)).toMatchObject(side);
    expect(labelsAt(9001)).not.toHaveProperty('container');
    const [first] = containers;
    for (const one of [labelsAt(9002), labelsAt(9000, first && [first, { ...first, name: 'other' }])]) {
      expect(one).not.toHaveProperty('__meta_ecs_container_name');
    }
  });

  it('of a standalone task have its group, and no service', () => {
    const alone = parseTask(describedTask({ service: undefined, group: 'nightly' }));
    expect(written(alone)).toMatchObject({ __meta_ecs_task_group: 'nightly' });
    expect(Object.keys(written(alone)).filter((name) => name.startsWith('__meta_ecs_service'))).toEqual([]);
  });

  it('are all prefixed, of values that are not empty, and the other labels stay as they are', () => {
    const { labels } = targetGroups([made(task, false) ?? fail()])[0] ?? fail();
    const all = written();
    expect(Object.values(all).filter((value) => value === '')).toEqual([]);
    expect(Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('__meta_ecs_')))).toEqual(labels);
  });

  it('are stored few, and equal for the tasks of a deployment in one subnet', () => {
    const stored = (number: number) => made(parseTask(describedTask({ number })), true)?.labels;
    expect(stored(1)).toEqual(stored(2));
    expect(Object.keys(stored(1) ?? {})).not.toContain('__meta_ecs_task_arn');
  });
});

const fail = (): never => {
  throw new Error('no target');
};
