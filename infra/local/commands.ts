/** What can be tried by hand on a running system: `npm run local -- <command>`. */
import { ActionFailed, type Actions, actions } from './actions.ts';
import { runningSystem } from './running-system.ts';
import { summaryLine } from './scenario/resync-line.ts';

interface Command {
  /** The command with its arguments, as it is typed. */
  readonly usage: string;
  readonly does: string;
  /** Answers what to print. */
  readonly run: (actions: Actions, argument: string | undefined) => Promise<string>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  targets: {
    usage: 'targets',
    does: 'list what is to be scraped',
    run: async ({ targets }) => {
      const lines = (await targets()).map(({ address, labels }) => {
        const { taskid = '', service = '', taskdefinition = '', namespace = '' } = labels;
        return `${address.padEnd(20)} ${taskid.slice(0, 8)}  service=${service} taskdefinition=${taskdefinition} namespace=${namespace}`;
      });
      return [...lines, lines.length === 1 ? '1 target' : `${lines.length} targets`].join('\n');
    },
  },
  scale: {
    usage: 'scale 3',
    does: 'set the number of tasks',
    run: async ({ scale }, argument) => {
      if (argument === undefined || !/^\d{1,2}$/.test(argument))
        throw new ActionFailed('Say how many tasks, from 0 to 99: npm run local -- scale 3');
      await scale(Number(argument));
      return Number(argument) === 1 ? '1 task is wanted.' : `${Number(argument)} tasks are wanted.`;
    },
  },
  roll: {
    usage: 'roll',
    does: 'roll to a new task definition',
    run: async ({ roll }) => `Rolling to ${await roll()}.`,
  },
  stop: {
    usage: 'stop',
    does: 'stop a task as ECS does',
    run: async ({ stopOne }) => `Task ${(await stopOne()).slice(0, 8)} stops.`,
  },
  kill: {
    usage: 'kill',
    does: 'end a task with kill -9',
    run: async ({ killOne }) => `Task ${(await killOne()).slice(0, 8)} was killed.`,
  },
  lose: {
    usage: 'lose on|off',
    does: 'lose task events, or no longer',
    run: async ({ loseEvents }, argument) => {
      if (argument !== 'on' && argument !== 'off') throw new ActionFailed('Say on or off: npm run local -- lose on');
      await loseEvents(argument === 'on');
      return argument === 'on' ? 'Task events are lost from now on.' : 'Task events arrive again.';
    },
  },
  resync: {
    usage: `resync '{"dryRun":true}'`,
    does: 'invoke the resync Lambda',
    run: async ({ resync }, argument) => {
      const summary = await resync(payload(argument));
      return `${JSON.stringify(summary, undefined, 2)}\n${summaryLine(summary)}`;
    },
  },
  event: {
    usage: 'event FILE',
    does: 'send the event in a JSON file',
    run: async ({ sendEvent }, argument) => {
      if (argument === undefined) throw new ActionFailed('Say which file: npm run local -- event some-event.json');
      return sendEvent(argument);
    },
  },
};

const payload = (text = '{}') => {
  try {
    return JSON.parse(text) as Record<string, never>;
  } catch (cause) {
    throw new ActionFailed(`${text} is not JSON. The payload looks like this: '{"dryRun":true}'`, { cause });
  }
};

/** All commands, one a line: how it is typed, what it does. */
export const commandList = (): string[] =>
  Object.values(COMMANDS).map(({ usage, does }) => `npm run local -- ${usage.padEnd(26)} ${does}`);

/**
 * Runs a command against the system that another terminal started, and answers what to print.
 *
 * @throws ActionFailed for an unknown command or a wrong argument, NotRunningError where nothing runs.
 */
export const runCommand = async (name: string, argument: string | undefined): Promise<string> => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new ActionFailed(`There is no command ${name}. There are:\n  ${commandList().join('\n  ')}`);
  }
  return command.run(actions(await runningSystem()), argument);
};
