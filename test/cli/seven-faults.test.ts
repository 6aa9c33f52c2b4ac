/** From the symptom to the cause with the command line alone: what it prints names the cause and says what to do. */
import { describe, expect, it } from '@jest/globals';
import { awsError } from '../factories/senders.ts';
import { targets } from '../factories/shards.ts';
import { idOf, taskArn } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment, SHARD } from './fake-deployment.ts';

const TASK = idOf(1);

/** A deployment with one task that runs and, unless a test says otherwise, is published. */
function running(): FakeDeployment {
  const fake = fakeDeployment();
  fake.tasks.set(TASK, { number: 1 });
  const labels = { cluster: 'prod', service: 'shop', taskdefinition: 'shop' };
  fake.publish(
    targets(1, {
      version: 3,
      labels,
      targets: [{ port: 3000, labels: { __metrics_path__: '/metrics', container: 'web' } }],
    }),
  );
  return fake;
}

const labelled = (dockerLabels: Record<string, string>): object[] => [
  { name: 'web', dockerLabels, portMappings: [{ containerPort: 3000 }] },
];

async function textOf(fake: FakeDeployment, ...args: readonly string[]): Promise<string> {
  const { text, error } = await fake.run(...args);
  expect(error).toBe('');
  return text;
}

describe('without a fault', () => {
  it('why shows the whole chain', async () => {
    const text = await textOf(running(), 'why', TASK);
    expect(text.split('\n').map((line) => line.trim())).toEqual([
      `Task ${TASK}  service shop, cluster prod`,
      '',
      '✓  ECS            RUNNING, service shop, task definition shop:1, FARGATE',
      '✓  docker labels  web: ECS_PROMETHEUS_EXPORTER_PORT=3000  ← decides',
      '·  tags           Cloud Map is not used by this deployment',
      '·  rules          the settings have none',
      '✓  address        http://10.0.0.1:3000/metrics',
      '✓  configuration  in shard 0 (version 2), as ECS said at 2026-11-25 04:00:10 UTC',
      '✓  collector      collector 0 takes shard 0, and its queue is read',
      '',
      'Scraped: 1 target.',
      `Whether it answers, Prometheus knows: up{taskid="${TASK}"}. Where that is 0 or missing, see "up is 0 or missing" in docs/operations.md.`,
    ]);
  });

  it('status says that all is well', async () => {
    expect(await textOf(running(), 'status')).toMatch(/All is well\.$/);
  });
});

describe('a wrong port', () => {
  it('that is no port', async () => {
    const fake = running();
    fake.containers = labelled({ ECS_PROMETHEUS_EXPORTER_PORT: 'metrics' });
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain(
      '✗                 container web: the metrics port must be a number from 1 to 65535, not "metrics"',
    );
    expect(text).toContain('cannot be scraped (invalid-port)');
    expect(text).toContain('- Correct the label, tag or rule that names the port.');
  });

  it('at which nothing answers: up is 0', async () => {
    const fake = running();
    fake.containers = labelled({ ECS_PROMETHEUS_EXPORTER_PORT: '3001' });
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain('!  port           3001 is in no port mapping of the task definition, which has 3000');
    expect(text).toContain('If "up" is 0, 3001 is the wrong port');
  });
});

describe('a misspelt label', () => {
  it('is named, with the one that was meant', async () => {
    const fake = running();
    fake.containers = labelled({ ECS_PROMETHEUS_EXPORTER_PROT: '3000' });
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain(
      'the docker label ECS_PROMETHEUS_EXPORTER_PROT is not one that is read; did you mean ECS_PROMETHEUS_EXPORTER_PORT?',
    );
    expect(text).toContain('Not scraped: ignored.');
  });

  it('shows in the list of tasks', async () => {
    const fake = running();
    fake.containers = labelled({ ECS_PROMETHEUS_EXPORTER_PROT: '3000' });
    expect(await textOf(fake, 'tasks')).toMatch(
      /ignored +container web: .* did you mean ECS_PROMETHEUS_EXPORTER_PORT\?/,
    );
  });
});

describe('no label', () => {
  it('is said, with what can ask for a task', async () => {
    const fake = running();
    fake.containers = labelled({});
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain('·  docker labels  none that asks for scraping on web');
    expect(text).toContain('✗  selection      nothing asks for the task to be scraped');
    expect(text).toContain('- Give a container the docker label ECS_PROMETHEUS_EXPORTER_PORT');
    // This deployment does not read tags.
    expect(text).not.toContain('METRICS_PATH');
  });
});

describe('an overwritten shard', () => {
  it('is named by why and by status, with the version that counts', async () => {
    const fake = running();
    fake.parameters.get(SHARD)?.push('oops');
    const problem = `version 3 of ${SHARD} does not count, because the discovery did not write it; version 2 is used`;
    const why = await textOf(fake, 'why', TASK);
    expect(why).toContain(`!  configuration  ${problem}`);
    expect(why).toContain('- Run "resync", which writes it again');
    expect(await textOf(fake, 'status')).toContain(`cluster prod, shard 0: ${problem}`);
  });

  it('is not what two writers at once leave behind, which is as it should be', async () => {
    const fake = running();
    // The one that was later had seen the same version as the one that counts; it read again, and had nothing to add.
    fake.parameters.get(SHARD)?.push(fake.parameters.get(SHARD)?.at(-1) ?? '');
    expect(await textOf(fake, 'status')).toMatch(/All is well\.$/);
    expect(await textOf(fake, 'why', TASK)).toMatch(
      /in shard 0 \(version 2\).*\n.*collector.*\n\n {2}Scraped: 1 target\.\n.*$/,
    );
    expect(await textOf(fake, 'targets')).toMatch(/1 target of 1 task\.$/);
  });

  it('is one that somebody set back to what it was', async () => {
    const fake = running();
    fake.parameters.get(SHARD)?.push(fake.parameters.get(SHARD)?.at(0) ?? '');
    expect(await textOf(fake, 'status')).toContain('the discovery did not write it');
  });

  it('is missing altogether', async () => {
    const fake = running();
    fake.parameters.delete(SHARD);
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain(`✗  configuration  ${SHARD} does not exist`);
    expect(text).toContain('To be scraped, and not published yet: 1 target.');
    expect(text).toContain('- Run "resync", which writes it again');
  });
});

describe('ECS that throttles', () => {
  const throttled = (): FakeDeployment => {
    const fake = running();
    fake.answers['DescribeTasks'] = () => {
      throw awsError('ThrottlingException', 'Rate exceeded');
    };
    fake.queues.set('RunsQueue', { visible: 40, inFlight: 6, age: 900 });
    return fake;
  };

  it('leaves a task undecided, and what is published stays', async () => {
    const text = await textOf(throttled(), 'why', TASK);
    expect(text).toContain('✗  ECS            ecs:DescribeTasks: ThrottlingException: Rate exceeded');
    expect(text).toContain('in shard 0 (version 2), as ECS said at 2026-11-25 04:00:10 UTC; it stays as it is');
    expect(text).toContain('The limit is shared by the whole account and Region');
  });

  it('shows as what the function says of messages that it tries again, before any of them is old', async () => {
    const fake = running();
    fake.queues.set('RunsQueue', { visible: 0, inFlight: 2 });
    const retry = (messageId: string, receiveCount: number, error = 'ThrottlingException: Rate exceeded') => ({
      message: JSON.stringify({ message: 'message is tried again', messageId, receiveCount, seconds: 4, error }),
    });
    fake.answers['FilterLogEvents'] = () => ({
      events: [
        { message: 'START RequestId: 1' },
        retry('a', 3),
        retry('a', 4),
        retry('b', 3),
        retry('c', 1, 'ECS does not know the task yet'),
      ],
    });
    const text = await textOf(fake, 'status');
    expect(text).toMatch(
      /To look at:\n- observe could not handle 2 messages yet, and tries again: ThrottlingException: Rate exceeded\. See/,
    );
    expect(fake.client.sent.filter(({ operation }) => operation === 'FilterLogEvents')).toHaveLength(1);
  });

  it('shows in the queue that waits', async () => {
    const text = await textOf(throttled(), 'status');
    expect(text).toMatch(/runs +40 +6 +15 min/);
    expect(text).toContain('- runs: the observe function is behind: it is throttled, fails, or waits for AWS.');
  });
});

describe('a full shard', () => {
  /** Text that does not get shorter by compression. */
  const noise = (seed: number, length = 30): string =>
    Buffer.from(
      Array.from({ length }, (_, at) => (seed * 97 + at * at * 31 + seed * at + (at * at * at) / 7) % 251),
    ).toString('base64url');

  /** @param tasks that are published */
  const full = (tasks: number): FakeDeployment => {
    const fake = fakeDeployment();
    fake.tasks.set(TASK, { number: 1 });
    fake.containers = labelled({
      ECS_PROMETHEUS_EXPORTER_PORT: '3000',
      ECS_PROMETHEUS_METRICS_PATH: `/${noise(7, 1200)}`,
    });
    fake.publish(
      ...Array.from({ length: tasks }, (_, index) =>
        targets(index + 10, { targets: [{ port: 3000, labels: { __metrics_path__: `/${noise(index)}` } }] }),
      ),
    );
    return fake;
  };

  it.each([
    [68, /(8[5-9]|9\d|100) %/],
    [55, /[67]\d %/],
  ])(
    'is what keeps a new task out, also one that is too large for what is left beside %i tasks',
    async (tasks, part) => {
      const text = await textOf(full(tasks), 'why', TASK);
      expect(text).toContain('✗  configuration  not in shard 0 (version 2), which is too full for it: ');
      expect(text).toMatch(new RegExp(`too full for it: ${part.source} of its bytes are used`));
      expect(text).toContain('- Raise the setting shards');
      expect(text).toContain('To be scraped, and not published yet: 1 target.');
    },
  );

  it('is not one that has room for the task', async () => {
    const fake = full(68);
    fake.containers = labelled({ ECS_PROMETHEUS_EXPORTER_PORT: '3000' });
    expect(await textOf(fake, 'why', TASK)).toContain('✗  configuration  not yet in shard 0 (version 2)');
  });

  it('shows in the status', async () => {
    expect(await textOf(full(68), 'status')).toContain('shard 0: nearly full: raise the setting shards, and deploy');
  });
});

describe('target-sync that is gone', () => {
  const gone = (): FakeDeployment => {
    const fake = running();
    fake.queues.set('CollectorQueue0', { visible: 12, age: 600 });
    return fake;
  };

  it('is what a published task suffers from', async () => {
    const text = await textOf(gone(), 'why', TASK);
    expect(text).toContain(
      '!  collector      nobody reads the queue of collector 0: 12 messages wait, the oldest for 10 min',
    );
    expect(text).toContain('- target-sync, the container beside the collector, is down or cannot reach SQS');
    expect(text).toContain('Published, and its collector does not hear of it: 1 target.');
  });

  it('shows in the status', async () => {
    const text = await textOf(gone(), 'status');
    expect(text).toMatch(/collector 0 +12 +0 +10 min/);
    expect(text).toContain(
      '- nobody reads the queue of collector 0: 12 messages wait, the oldest for 10 min. target-sync',
    );
  });
});

describe('a task that is not there', () => {
  it('has stopped, and is still published', async () => {
    const fake = running();
    fake.tasks.set(TASK, {
      number: 1,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stoppingAt: '2026-11-25T03:50:00Z',
    });
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain('✗  ECS            STOPPED since 2026-11-25 03:50:00 UTC');
    expect(text).toContain('!  configuration  still in shard 0 (version 2)');
    expect(text).toContain(`- Run "resync --task ${TASK}", which removes it`);
  });

  it('is long gone from ECS, and still published', async () => {
    const fake = running();
    fake.tasks.clear();
    const text = await textOf(fake, 'why', TASK);
    expect(text).toContain('ECS does not know the task: it stopped more than about an hour ago, or it never was');
    expect(text).toContain('still in shard 0');
  });

  it('was never there: the nearest ones are named', async () => {
    const { error } = await running().run('why', `${TASK.slice(0, -1)}2`);
    expect(error).toContain(`There is no task ${TASK.slice(0, -1)}2: cluster prod has none of that id`);
    expect(error).toContain(`Did you mean ${TASK}?`);
  });

  it('is found by the beginning of its id and by its ARN, unless several begin so', async () => {
    const fake = running();
    const id = 'abcdef0123456789abcdef0123456789';
    fake.answers['ListTasks'] = () => ({ taskArns: [TASK, id].map((one) => taskArn(one)) });
    expect(await textOf(fake, 'why', '0000')).toContain(`Task ${TASK}`);
    expect(await textOf(fake, 'why', taskArn(TASK))).toContain(`Task ${TASK}`);
    fake.answers['ListTasks'] = () => ({ taskArns: [TASK, idOf(2)].map((one) => taskArn(one)) });
    expect((await fake.run('why', '0000')).error).toContain(`2 tasks begin with 0000: ${TASK}, ${idOf(2)}`);
  });
});
