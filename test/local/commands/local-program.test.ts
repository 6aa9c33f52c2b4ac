import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { completion } from '../../../infra/local/commands/completion.ts';
import { type CommandsOnCluster, commandsOnCluster } from './commands-on-cluster.ts';

let commands: CommandsOnCluster;
let ids: readonly string[];

beforeAll(async () => {
  commands = await commandsOnCluster();
});
afterAll(() => commands.stop());
beforeEach(async () => {
  await commands.settled();
  for (const list of [commands.said, commands.operated, commands.controlled]) list.length = 0;
  ids = commands.plane
    .tasks()
    .filter(({ lastStatus }) => lastStatus === 'RUNNING')
    .map(({ id }) => id);
});

const failure = async (...words: readonly string[]): Promise<string> => {
  await expect(commands.run(words)).rejects.toThrow();
  return commands.said.join('\n');
};

describe('a command', () => {
  it.each([
    [['scael', '3'], 'Did you mean scale?'],
    [['resnyc'], 'Did you mean resync?'],
    [['why', '--recrod', 'f'], 'Did you mean --record?'],
    [['scale'], "missing required argument 'tasks'"],
    [['scale', 'many'], 'Say how many tasks, from 0 to 99.'],
    [['scale', '100'], 'Say how many tasks, from 0 to 99.'],
    [['lose', 'maybe'], 'Allowed choices are on, off.'],
    [['redrive', 'nothing'], 'Allowed choices are'],
  ])('that is typed wrong is corrected: %j', async (words, answer) => {
    expect(await failure(...words)).toContain(answer);
    expect(commands.operated).toEqual([]);
  });

  it('scales the service', async () => {
    await commands.run(['scale', '3']);
    expect(commands.said).toEqual(['3 tasks are wanted.']);
    expect(commands.plane.services.get('webapp')?.desiredCount).toBe(3);
  });

  it('stops and kills the task that is named by the beginning of its id', async () => {
    const [id = ''] = ids;
    await commands.run(['kill', id]);
    expect(commands.controlled).toEqual([`kill ${id}`]);
    await commands.run(['stop', id]);
    expect(commands.plane.task(id)?.desiredStatus).toBe('STOPPED');
    expect(commands.said).toEqual([`Task ${id.slice(0, 8)} was killed.`, `Task ${id.slice(0, 8)} stops.`]);
  });

  it('does nothing to a task that is not clearly named', async () => {
    await expect(commands.run(['stop', '0'])).rejects.toThrow('Several tasks begin with 0.');
    await expect(commands.run(['kill', 'x'])).rejects.toThrow('No running task begins with x.');
    expect(commands.controlled).toEqual([]);
  });

  it('loses events, unless it is told that they arrive again', async () => {
    await commands.run(['lose']);
    await commands.run(['lose', 'off']);
    expect(commands.controlled).toEqual(['lose on', 'lose off']);
  });

  it('of the operator runs as it was typed', async () => {
    await commands.run(['resync', '--dry-run', '--cluster', 'local']);
    await commands.run(['why', 'abc', '--json']);
    await commands.run(['targets']);
    const typed = [['resync', '--dry-run', '--cluster', 'local'], ['why', 'abc', '--json'], ['targets']];
    expect(commands.operated).toEqual(typed);
  });

  it('of the operator never leaves this machine', async () => {
    const elsewhere = ['targets', '--endpoint-url', 'https://ssm.eu-west-1.amazonaws.com'];
    await expect(commands.run(elsewhere)).rejects.toThrow('is not on this machine');
    expect(commands.operated).toEqual([]);
  });

  it('is listed and explained by help', async () => {
    expect(await failure('help')).toMatch(/scale <tasks> .*kill \[task\] .*why \[options\] \[task\] /s);
    expect(await failure('help', 'resync')).toContain('--dry-run');
  });
});

describe('the tabulator key', () => {
  const tasks = [
    { id: '1a2b', desiredStatus: 'RUNNING' },
    { id: '1c3d', desiredStatus: 'STOPPED' },
    { id: '9e9e', desiredStatus: 'RUNNING' },
  ] as const;
  const complete = (line: string) => completion(commands.program, line, tasks);

  it.each([
    ['sc', ['scale'], 'sc'],
    ['re', ['resync', 'redrive'], 're'],
    ['help wh', ['why'], 'wh'],
    ['lose ', ['on', 'off'], ''],
    ['redrive st', ['store'], 'st'],
    ['why 1', ['1a2b', '1c3d'], '1'],
    ['kill ', ['1a2b', '9e9e'], ''],
    ['resync --d', ['--deployment', '--dry-run'], '--d'],
    ['scale ', [], ''],
    ['why 1a2b 1', [], '1'],
    ['nonsense ', [], ''],
  ])('completes %j', (line, offered, typed) => {
    expect(complete(line)).toEqual([offered, typed]);
  });

  it('offers all commands where nothing is typed', () => {
    expect(complete('')[0]).toEqual(
      expect.arrayContaining(['scale', 'kill', 'lose', 'resync', 'why', 'targets', 'help']),
    );
  });
});
