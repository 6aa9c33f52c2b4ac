/** What the tabulator key offers at the prompt. */
import type { Command } from 'commander';

/** Commands whose argument is a task. */
const OF_TASKS = ['why', 'stop', 'kill'];

/**
 * What can stand at the end of a line, and the beginning of it that is typed already, as node:readline wants it.
 *
 * @param taskIds of the tasks that can be named
 */
export const completion = (program: Command, line: string, taskIds: readonly string[]): [string[], string] => {
  const words = line.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? '';
  return [candidates(program, words, taskIds).filter((word) => word.startsWith(typed)), typed];
};

const candidates = (program: Command, words: readonly string[], taskIds: readonly string[]): readonly string[] => {
  const [name = '', ...others] = words;
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (others.length === 0 || (name === 'help' && others.length === 1)) return names;
  const command = program.commands.find((one) => one.name() === name);
  if (others.at(-1)?.startsWith('-')) return command?.options.map(({ long }) => long ?? '') ?? [];
  if (others.length > 1) return [];
  return OF_TASKS.includes(name) ? taskIds : (command?.registeredArguments[0]?.argChoices ?? []);
};
