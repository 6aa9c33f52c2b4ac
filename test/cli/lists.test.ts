/** `targets` and `tasks`, on an account in memory. */
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENT } from '../../functions/discovery/names.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { awsError } from '../factories/senders.ts';
import { targets } from '../factories/shards.ts';
import { idOf, stopped } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment } from './fake-deployment.ts';

const linesOf = (text: string): string[] => text.split('\n');

describe('targets', () => {
  const published = (): FakeDeployment => {
    const fake = fakeDeployment();
    for (const number of [1, 2, 3]) fake.tasks.set(idOf(number), { number });
    fake.publish(targets(1), targets(2, { labels: { cluster: 'prod', service: 'cart' } }), targets(3));
    return fake;
  };

  it('are a row each, by service', async () => {
    const { text } = await published().run('targets');
    expect(linesOf(text)).toEqual([
      'TARGET                        TASK                              SERVICE  CLUSTER  JOB  SHARD',
      `http://10.0.0.2:3000/metrics  ${idOf(2)}  cart     prod     -        0`,
      `http://10.0.0.1:3000/metrics  ${idOf(1)}  shop     prod     -        0`,
      `http://10.0.0.3:3000/metrics  ${idOf(3)}  shop     prod     -        0`,
      '',
      '3 targets of 3 tasks.',
    ]);
  });

  it('are never those of a task that stopped, or that ECS does not know any more', async () => {
    const fake = published();
    fake.tasks.set(idOf(1), { number: 1, ...stopped });
    fake.tasks.delete(idOf(3));
    const { text } = await fake.run('targets');
    expect(text).not.toContain(idOf(1));
    expect(text).not.toContain(idOf(3));
    expect(text).toContain('1 target of 1 task.\n2 tasks in the configuration stopped meanwhile');
  });

  it('stay in the list while ECS does not say, and that is said', async () => {
    const fake = published();
    fake.answers['DescribeTasks'] = () => {
      throw awsError('ThrottlingException');
    };
    const { text } = await fake.run('targets');
    expect(text).toContain('3 targets of 3 tasks.\nECS did not say whether 3 tasks still run.');
  });

  it('can be those of one service, and JSON', async () => {
    expect(await published().runJson('targets', '--service', 'cart')).toEqual([
      expect.objectContaining({ address: '10.0.0.2:3000', task: idOf(2), service: 'cart', shard: 0 }),
    ]);
  });

  it('are of a cluster that is watched', async () => {
    const { error } = await published().run('targets', '--cluster', 'staging');
    expect(error).toContain('Cluster staging is not watched by ecs-prometheus-discovery.\nIt watches prod.');
  });

  it('may be none', async () => {
    const { text } = await fakeDeployment().run('targets');
    expect(text).toBe('0 targets of 0 tasks.\n"tasks" says of every task why it is not scraped.');
  });
});

/** Ids that differ in all but their first letters. */
const LONG_ID = '0cb0a41ddc124375a95b760ed416ef71';
const OTHER_ID = '0cb0a41ddd124375a95b760ed416ef71';

describe('on a terminal', () => {
  const wide = (columns: number): FakeDeployment => {
    const fake = fakeDeployment();
    fake.columns = columns;
    fake.tasks.set(LONG_ID, { number: 1, id: LONG_ID });
    fake.tasks.set(OTHER_ID, { number: 2, id: OTHER_ID });
    fake.containers = [
      {
        name: 'web',
        portMappings: [{ containerPort: 3000 }],
        dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000', ECS_PROMETHEUS_METRIC_PATH: '/metrics' },
      },
    ];
    fake.publish(targets(1, { taskId: LONG_ID as TaskId }), targets(2, { taskId: OTHER_ID as TaskId }));
    return fake;
  };

  it.each([40, 60, 80, 120])('of %i columns no line is longer, unless a word is', async (columns) => {
    for (const command of ['tasks', 'targets', 'status']) {
      const { text, error } = await wide(columns).run(command);
      expect(error).toBe('');
      const tooLong = linesOf(text).filter((line) => line.length > columns && line.trim().includes(' '));
      expect(tooLong).toEqual([]);
    }
  });

  it('ids are as long as it takes to tell them apart, and what is said of a task stands below each other', async () => {
    const { text } = await wide(80).run('tasks');
    expect(linesOf(text).slice(0, 9)).toEqual([
      'TASK        SERVICE  DECISION  TARGETS OR REASON',
      '0cb0a41ddc  shop     scraped   http://10.0.0.1:3000/metrics',
      '                               container web: the docker label',
      '                               ECS_PROMETHEUS_METRIC_PATH is not one that is',
      '                               read; did you mean ECS_PROMETHEUS_METRICS_PATH?',
      '0cb0a41ddd  shop     scraped   http://10.0.0.2:3000/metrics',
      '                               container web: the docker label',
      '                               ECS_PROMETHEUS_METRIC_PATH is not one that is',
      '                               read; did you mean ECS_PROMETHEUS_METRICS_PATH?',
    ]);
  });

  it('columns go below the others where there is no room beside them', async () => {
    const { text } = await wide(48).run('targets');
    expect(linesOf(text).slice(0, 3)).toEqual([
      'TARGET                        TASK',
      '    SERVICE  SHARD',
      'http://10.0.0.1:3000/metrics  0cb0a41ddc',
    ]);
  });

  it('a wide one, like a pipe, has ids whole', async () => {
    expect((await wide(200).run('targets')).text).toContain(LONG_ID);
  });
});

describe('through a pipe', () => {
  it('each line has all of a task', async () => {
    const fake = fakeDeployment();
    fake.tasks.set(LONG_ID, { number: 1, id: LONG_ID });
    fake.containers = ['web', 'admin'].map((name, index) => ({
      name,
      dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: String(3000 + index) },
    }));
    const { text } = await fake.run('tasks');
    expect(linesOf(text).filter((line) => line.startsWith(LONG_ID))).toEqual([
      `${LONG_ID}  shop     prod     scraped   http://10.0.0.1:3000/metrics`,
      `${LONG_ID}  shop     prod     scraped   http://10.0.0.1:3001/metrics`,
    ]);
  });
});

describe('tasks of a service', () => {
  const inClusters = (...withService: readonly string[]): FakeDeployment => {
    const fake = fakeDeployment();
    fake.environment[ENVIRONMENT.clusters] = 'prod,staging';
    fake.tasks.set(idOf(1), { number: 1 });
    const list = fake.answers['ListTasks'];
    fake.answers['ListTasks'] = (input: { cluster: string }, call) => {
      if (withService.includes(input.cluster)) return list?.(input as never, call);
      throw awsError('ServiceNotFoundException', 'Service not found.');
    };
    return fake;
  };

  it('are those of the clusters that have it', async () => {
    const { text, error } = await inClusters('prod').run('tasks', '--service', 'shop');
    expect(error).toBe('');
    expect(text).toContain('1 task: 1 scraped.');
  });

  it('that no cluster has: that is said', async () => {
    const { error } = await inClusters().run('tasks', '--service', 'shpo');
    expect(error).toMatch(/^There is no ECS service shpo in prod, staging\.\n"tasks" without --service/);
  });
});

describe('tasks', () => {
  it('are scraped, or have a reason', async () => {
    const fake = fakeDeployment();
    fake.tasks.set(idOf(1), { number: 1 });
    fake.tasks.set(idOf(2), { number: 2, lastStatus: 'PENDING' });
    fake.containers = [
      { name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000', ECS_PROMETHEUS_EXPORTER_PORT_admin: 'x' } },
    ];
    const { text } = await fake.run('tasks');
    expect(linesOf(text)).toEqual([
      'TASK                              SERVICE  CLUSTER  DECISION  TARGETS OR REASON',
      `${idOf(1)}  shop     prod     scraped   http://10.0.0.1:3000/metrics`,
      expect.stringContaining(
        'invalid-port: container web: the metrics port must be a number from 1 to 65535, not "x"',
      ),
      `${idOf(2)}  shop     prod     held      PENDING: it does not run yet`,
      '',
      '2 tasks: 1 scraped, 1 held.',
      expect.stringContaining('"why TASK" says more'),
    ]);
    expect(await fake.runJson('tasks')).toEqual([
      expect.objectContaining({ task: idOf(1), decision: 'scraped', targets: ['http://10.0.0.1:3000/metrics'] }),
      expect.objectContaining({ task: idOf(2), decision: 'held', targets: [] }),
    ]);
  });
});
