/** What can be tried on the running system: typed at its prompt, or as `npm run local -- COMMAND` in another terminal. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../../functions/aws/system-clock.ts';
import { accountClients } from '../../cli/account/account-clients.ts';
import { createProgram } from '../../cli/program.ts';
import { type Actions, actions } from '../actions.ts';
import { loopbackEndpoint } from '../loopback.ts';
import type { RunningSystem } from '../running-system.ts';

export interface CommandParts {
  /** @throws NotRunningError where there is none */
  readonly system: () => Promise<RunningSystem>;
  readonly print: (text: string) => void;
  /** Runs a command of the operator's command line on the running system. */
  readonly operate: (system: RunningSystem, words: readonly string[]) => Promise<unknown>;
}

export interface LocalProgram {
  readonly program: Command;
  /** @throws CommanderError for what was typed wrong, after it was said; what the command throws */
  readonly run: (words: readonly string[]) => Promise<void>;
}

/** @param name as which it was called */
export const localProgram = ({ system, print, operate }: CommandParts, name: string): LocalProgram => {
  let typed: readonly string[] = [];
  const program = new Command(name)
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'Lists the commands, or explains one.')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => print(text.trimEnd()) });

  /** Acts and prints what is answered. */
  const acts =
    <Given extends readonly unknown[]>(act: (all: Actions, ...given: Given) => Promise<string>) =>
    async (...given: Given): Promise<void> =>
      print(await act(actions(await system()), ...given));

  program
    .command('scale')
    .description('Sets the number of tasks of the service webapp.')
    .argument('<tasks>', 'how many, from 0 to 99', numberOfTasks)
    .action(
      acts(async ({ scale }, tasks: number) => {
        await scale(tasks);
        return tasks === 1 ? '1 task is wanted.' : `${tasks} tasks are wanted.`;
      }),
    );
  program
    .command('roll')
    .description('Rolls webapp to a new revision of its task definition.')
    .action(acts(async ({ roll }) => `Rolling to ${await roll()}.`));
  program
    .command('stop')
    .description('Stops a task as ECS does.')
    .argument('[task]', 'its id or the beginning of it; without it, one of webapp')
    .action(acts(async ({ stopOne }, task?: string) => `Task ${(await stopOne(task)).slice(0, 8)} stops.`));
  program
    .command('kill')
    .description('Ends the processes of a task with kill -9.')
    .argument('[task]', 'its id or the beginning of it; without it, one of webapp')
    .action(acts(async ({ killOne }, task?: string) => `Task ${(await killOne(task)).slice(0, 8)} was killed.`));
  program
    .command('lose')
    .description('Loses the events of tasks from now on, or no longer.')
    .addArgument(new Argument('[on|off]', 'whether they are lost').choices(['on', 'off']).default('on'))
    .action(
      acts(async ({ loseEvents }, lose: string) => {
        await loseEvents(lose === 'on');
        return lose === 'on' ? 'Task events are lost from now on; "lose off" ends that.' : 'Task events arrive again.';
      }),
    );
  program
    .command('event')
    .description('Sends the event in a JSON file.')
    .argument('<file>', 'a whole EventBridge event, as those in test/fixtures/events')
    .action(acts(({ sendEvent }, file: string) => sendEvent(file)));

  // Those of `npx ecs-prometheus-discovery` are described and completed here, and run in a process of their own.
  const terminal = { print, progress: () => {}, columns: Number.POSITIVE_INFINITY };
  for (const command of createProgram({ connect: accountClients, terminal, clock: systemClock }, '').commands) {
    program.addCommand(command.copyInheritedSettings(program));
    command.action(async () => {
      const { endpointUrl } = command.opts<{ readonly endpointUrl?: string }>();
      if (endpointUrl !== undefined) loopbackEndpoint(endpointUrl);
      await operate(await system(), typed);
    });
  }
  const run = async (words: readonly string[]): Promise<void> => {
    typed = words;
    await program.parseAsync(words, { from: 'user' });
  };
  return { program, run };
};

const numberOfTasks = (text: string): number => {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Say how many tasks, from 0 to 99.');
};
