/** Every command of the AWS CLI on our pages, held against AWS's own description of the operation. */
import { expect, it, jest } from '@jest/globals';
import { loadServiceModel } from '../proof/models/service-models.ts';
import { awsCommandsIn, isGlobal } from './aws-commands.ts';
import { PAGES } from './pages.ts';

// The first time, MiniStack is installed, which brings the descriptions along.
jest.setTimeout(300_000);

/** `queue-url` of `queueUrl` and `QueueUrl`. */
const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** Commands take what is no option only where the AWS CLI says so: the file for the answer of a function. */
const POSITIONAL: Readonly<Record<string, number>> = { invoke: 1 };

const commands = [...PAGES].flatMap(([path, page]) =>
  awsCommandsIn(page).map((command) => [path, command.text, command] as const),
);

it('there are some', () => {
  expect(new Set(commands.map(([, , { operation }]) => operation)).size).toBeGreaterThan(15);
});

it.each(commands)('%s: %s', async (_path, text, { service, operation, options, others }) => {
  const { operations, shapes } = await loadServiceModel(service);
  const name = Object.keys(operations).find((it) => kebab(it) === operation);
  expect([operation, name]).not.toEqual([operation, undefined]);
  const input = shapes[operations[name ?? '']?.input?.shape ?? ''];
  const members = Object.keys(input?.members ?? {}).map(kebab);
  expect(options.filter((option) => !isGlobal(option) && !members.includes(option))).toEqual([]);
  const output = shapes[operations[name ?? '']?.output?.shape ?? ''];
  const [, asked] = /--query ["']?(?:length\()?(\w+)/.exec(text) ?? [];
  if (asked !== undefined) expect(Object.keys(output?.members ?? {})).toContain(asked);
  // What a page leaves to the reader ends in an ellipsis.
  if (text.includes('…')) return;
  expect(others).toHaveLength(POSITIONAL[operation] ?? 0);
  const missing = (input?.required ?? []).map(kebab).filter((option) => !options.includes(option));
  expect(missing).toEqual([]);
});
