/** Every command of the CDK CLI on our pages: the settings in it are ones that the app takes, and name stacks that it has. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { appOf, removeSynthesised } from '../infra/synth.ts';
import { blocksOf, PAGES, pageOf } from './pages.ts';

afterAll(removeSynthesised);

const OPERATIONS = ['bootstrap', 'deploy', 'destroy', 'diff', 'synth'];

const commands = [...PAGES].flatMap(([path, page]) =>
  blocksOf(page, 'sh')
    .flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'))
    .flatMap((line) => /^npx cdk ([^#]*)/.exec(line.trim())?.[1]?.trim() ?? [])
    .map((command) => [path, command] as const),
);

/** What stands for the ids that a reader has, each time another one. */
const withIds = (value: string): string => {
  let count = 0;
  return value.replace(/\b(vpc|subnet|sg|ws)-(?:…|EXAMPLE)/g, (_, kind) =>
    kind === 'ws' ? 'ws-0123abcd-0123-4567-89ab-0123456789ab' : `${kind}-0123456789abcdef${count++}`,
  );
};

describe('commands of the CDK CLI', () => {
  it('are on our pages', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  it.each(commands)('%s: npx cdk %s', (_, command) => {
    const [operation = '', ...words] = command.split(/\s+/);
    expect(OPERATIONS).toContain(operation);
    const given = words.flatMap((word, index) => (words[index - 1] === '-c' ? [withIds(word).split(/=(.*)/)] : []));
    const app = appOf(Object.fromEntries(given.map(([name = '', value = '']) => [name, value])));
    const stacks = app.node.children.filter((child) => Stack.isStack(child)).map(({ node }) => node.id);
    const named = words.filter((word, index) => !word.startsWith('-') && words[index - 1] !== '-c');
    // The metrics stack is there with the settings of the deployment, which the page speaks of.
    expect(named.filter((name) => !stacks.includes(name))).toEqual([]);
  });
});

it('npm run costs takes what docs/costs.md gives it', () => {
  const [line = ''] = blocksOf(pageOf('docs/costs.md'), 'sh');
  const [, words = ''] = /^npm run costs -- (.*)/.exec(line) ?? [];
  expect(words).not.toBe('');
  const said = execFileSync(process.execPath, [join(PROJECT_ROOT, 'infra/costs/main.ts'), ...words.trim().split(' ')], {
    encoding: 'utf8',
  });
  expect(said).toContain('40 services, 300 tasks');
});
