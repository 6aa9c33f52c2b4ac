/** `resync`, on an account in memory. */
import { describe, expect, it } from '@jest/globals';
import { noCounts, type ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { idOf } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment } from './fake-deployment.ts';

const linesOf = (text: string): string[] => text.split('\n');

describe('resync', () => {
  const summary = (changes: Partial<ResyncSummary['clusters'][number]> = {}, complete = true): ResyncSummary => ({
    dryRun: false,
    complete,
    awsCalls: 9,
    durationMilliseconds: 1412,
    clusters: [
      {
        ...{ cluster: 'prod', targets: 243, ...noCounts(), checked: 245, unchanged: 242 },
        ...{ skipped: {}, skippedTasks: [], moreSkipped: 0, problems: [], moreProblems: 0 },
        ...changes,
      },
    ],
  });
  const answering = (answer: unknown, FunctionError?: string): FakeDeployment => {
    const fake = fakeDeployment();
    fake.answers['Invoke'] = () => ({ Payload: new TextEncoder().encode(JSON.stringify(answer)), FunctionError });
    return fake;
  };
  const payloadOf = ({ client }: FakeDeployment): unknown =>
    JSON.parse(String(client.sent.find(({ operation }) => operation === 'Invoke')?.input['Payload']));

  it('hands its options over', async () => {
    const fake = answering(summary());
    await fake.run('resync', '--cluster', 'prod', '--service', 'shop', '--task', `arn:x/${idOf(1)}`, '--dry-run');
    expect(payloadOf(fake)).toEqual({ cluster: 'prod', service: 'shop', task: idOf(1), dryRun: true });
  });

  it('says that nothing differed', async () => {
    const { text } = await answering(summary({ ignored: 3 })).run('resync');
    expect(linesOf(text)).toEqual([
      '',
      'Cluster prod: 245 tasks checked, 243 targets published.',
      '  Nothing differed. 242 unchanged, 3 ignored.',
      '',
      '9 requests to AWS in 1 s.',
    ]);
  });

  it('names every task that is not scraped, what was held back, and what could not be read', async () => {
    const skippedTasks = [{ task: idOf(1), service: 'shop', reason: 'invalid-port', problem: 'not a port' }];
    const problems = [`task ${idOf(2)}: ThrottlingException: Rate exceeded`];
    const { text } = await answering(
      summary({ added: 2, removalsHeld: 40, skippedTasks, moreSkipped: 7, problems, moreProblems: 1 }),
    ).run('resync');
    expect(linesOf(text).slice(2, -2)).toEqual([
      '  Changed: 2 added. 242 unchanged, 0 ignored.',
      '  40 removals held back, because they are too many at once.',
      '  If those tasks are gone, run it again with: --cluster prod --force',
      '',
      '  Not scraped, though something asks for it:',
      '  TASK                              SERVICE  REASON        PROBLEM',
      `  ${idOf(1)}  shop     invalid-port  not a port`,
      '  and 7 more; "tasks" lists all.',
      '',
      '  Could not be read or done; those tasks keep what they have:',
      `  - ${problems[0]}`,
      '  and 1 more.',
    ]);
  });

  it('says which shards were written again, and what is written without effect', async () => {
    const warnings = [{ taskDefinition: 'shop', problem: 'the label PROT; did you mean PORT?', tasks: 3 }];
    const { text } = await answering(summary({ repairedShards: [1, 4], warnings })).run('resync');
    expect(linesOf(text).slice(2, -2)).toEqual([
      '  Changed: shards 1, 4 written again. 242 unchanged, 0 ignored.',
      '',
      '  Written, and without effect:',
      '  - 3 tasks of shop: the label PROT; did you mean PORT?',
    ]);
  });

  it('does not say that nothing differs where something could not be read', async () => {
    const { text } = await answering(summary({ problems: ['task 1: no'] })).run('resync');
    expect(text).toContain('  Nothing differed of what could be read. 242 unchanged');
  });

  it('follows the runs with which a long one goes on', async () => {
    const fake = answering(summary({}, false));
    const line = (resumeAt: unknown, complete: boolean) => ({
      message: JSON.stringify({ message: 'resync', request: { resumeAt }, ...summary({}, complete) }),
    });
    const events = [
      { eventId: '1', ...line(undefined, false) },
      { eventId: '2', ...line({ cluster: 'prod', shard: 2 }, false) },
      { eventId: '3', ...line({ cluster: 'prod', shard: 3 }, true) },
    ];
    fake.answers['FilterLogEvents'] = (_, call) => ({ events: events.slice(0, call + 1) });
    const runs = await fake.runJson<ResyncSummary[]>('resync');
    expect(runs.map(({ complete }) => complete)).toEqual([false, false, true]);
    expect(fake.client.calls('Invoke')).toBe(1);
  });

  it('gives up waiting for a run that does not end', async () => {
    const fake = answering(summary({}, false));
    fake.answers['FilterLogEvents'] = () => ({ events: [] });
    const { text, error } = await fake.run('resync');
    expect(text).toContain('The time of one run did not suffice. It goes on by itself; waiting for the rest.');
    expect(error).toContain('none has ended within 17 minutes');
  });

  it('says what the function says', async () => {
    const { error } = await answering({ errorMessage: 'environment variable X is not set' }, 'Unhandled').run('resync');
    expect(error).toContain('The resync function failed: environment variable X is not set');
  });

  it('takes the beginning of an id, and a whole one of which nobody knows', async () => {
    const fake = answering(summary());
    fake.tasks.set(idOf(1), { number: 1 });
    await fake.run('resync', '--task', '0000');
    expect(payloadOf(fake)).toEqual({ task: idOf(1) });
    const other = answering(summary());
    await other.run('resync', '--task', idOf(7));
    expect(payloadOf(other)).toEqual({ task: idOf(7) });
    expect((await fake.run('resync', '--task', '77')).error).toContain('There is no task 77');
  });

  it('says that nothing was there to look at', async () => {
    const { text } = await answering(summary({ checked: 0 })).run('resync', '--service', 'shpo');
    expect(text).toContain('There was no task to look at: check the names that you gave.');
  });

  it('looks or forces, not both', async () => {
    expect((await fakeDeployment().run('resync', '--dry-run', '--force')).error).toContain('exclude each other');
  });
});
