/** What the tabulator key offers at the prompt. */
import type { Command } from 'commander';
import type { Task } from '../ecs/model.ts';

export type NamedTask = Pick<Task, 'id' | 'desiredStatus'>;

/** Commands whose argument is a task, and which tasks that can be. */
const OF_TASKS: Readonly<Record<string, (task: NamedTask) => boolean>> = {
  why: () => true,
  stop: ({ desiredStatus }) => desiredStatus === 'RUNNING',
  kill: ({ desiredStatus }) => desiredStatus === 'RUNNING',
};

/** What can stand at the end of a line, and the beginning of it that is typed already, as node:readline wants it. */
export const completion = (program: Command, line: string, tasks: readonly NamedTask[]): [string[], string] => {
  const words = line.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? '';
  return [candidates(program, words, tasks).filter((word) => word.startsWith(typed)), typed];
};

const candidates = (program: Command, words: readonly string[], tasks: readonly NamedTask[]): readonly string[] => {
  const [name = '', ...others] = words;
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (others.length === 0 || (name === 'help' && others.length === 1)) return names;
  const command = program.commands.find((one) => one.name() === name);
  if (others.at(-1)?.startsWith('-')) return command?.options.map(({ long }) => long ?? '') ?? [];
  if (others.length > 1) return [];
  const ofTasks = Object.hasOwn(OF_TASKS, name) ? OF_TASKS[name] : undefined;
  return ofTasks ? tasks.filter(ofTasks).map(({ id }) => id) : (command?.registeredArguments[0]?.argChoices ?? []);
};
