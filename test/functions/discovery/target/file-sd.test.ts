import { describe, expect, it } from '@jest/globals';
import { targetGroups } from '../../../../functions/discovery/target/file-sd.ts';
import { anyShard, targets } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const someTasks = anyShard.map(({ tasks }) => [...tasks.values()].map((it) => it.targets));

describe('what Prometheus reads', () => {
  it('has the labels of the reference system, the port, and those of the endpoint', () => {
    const task = targets(1, {
      labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop', namespace: 'ecs-services' },
      targets: [
        { port: 3000, labels: { __metrics_path__: '/metrics' } },
        { port: 9779, labels: { __metrics_path__: '/ecs', __scheme__: 'https', container: 'exporter', job: 'ecs' } },
      ],
    });
    const shared = {
      cluster: 'prod',
      service: 'shop',
      taskdefinition: 'shop',
      namespace: 'ecs-services',
      taskid: idOf(1),
      instance: '10.0.0.1',
    };
    expect(targetGroups([task])).toEqual([
      { targets: ['10.0.0.1:3000'], labels: { ...shared, port: '3000', __metrics_path__: '/metrics' } },
      {
        targets: ['10.0.0.1:9779'],
        labels: {
          ...shared,
          port: '9779',
          __metrics_path__: '/ecs',
          __scheme__: 'https',
          container: 'exporter',
          job: 'ecs',
        },
      },
    ]);
  });

  it('names the path of targets that share a port, which would have one `up` between them', () => {
    const at = (port: number, path: string) => ({ port, labels: { __metrics_path__: path } });
    const task = targets(1, { targets: [at(3000, '/admin'), at(3000, '/metrics'), at(9779, '/metrics')] });
    const series = targetGroups([task]).map(({ labels: { port, metrics_path } }) => [port, metrics_path]);
    expect(series).toEqual([
      ['3000', '/admin'],
      ['3000', '/metrics'],
      ['9779', undefined],
    ]);
  });

  it('has IPv6 addresses in brackets, except in the label', () => {
    const [group] = targetGroups([targets(1, { address: '2001:db8::1' })]);
    expect(group).toMatchObject({ targets: ['[2001:db8::1]:3000'], labels: { instance: '2001:db8::1' } });
  });

  it('is the same bytes in whatever order the shard was filled', () => {
    fc.assert(
      fc.property(someTasks, (tasks) => {
        expect(JSON.stringify(targetGroups(tasks.toReversed()))).toBe(JSON.stringify(targetGroups(tasks)));
      }),
    );
  });

  it('is one address and port a target, and labels whose names Prometheus takes and whose values are text', () => {
    fc.assert(
      fc.property(someTasks, (tasks) => {
        const groups = targetGroups(tasks);
        expect(groups).toHaveLength(tasks.flatMap((task) => task.targets).length);
        for (const { targets: addresses, labels } of groups) {
          expect(addresses).toHaveLength(1);
          expect(new URL(`http://${addresses[0]}`).hostname).not.toBe('');
          const isLabel = ([name, value]: [string, unknown]) =>
            /^[a-zA-Z_]\w*$/.test(name) && typeof value === 'string';
          expect(Object.entries(labels).filter((label) => !isLabel(label))).toEqual([]);
        }
      }),
    );
  });

  it('tells any two targets of a task on different ports apart', () => {
    fc.assert(
      fc.property(someTasks, (tasks) => {
        const groups = targetGroups(tasks);
        const apart = new Set(groups.map(({ labels }) => `${labels['taskid']} ${labels['port']}`));
        expect(apart.size).toBe(new Set(groups.map(({ labels, targets: [it] }) => `${labels['taskid']} ${it}`)).size);
      }),
    );
  });
});
