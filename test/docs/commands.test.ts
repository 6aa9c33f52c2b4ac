/** Every command of the command line that a page gives, run on an account in memory. */

import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { noCounts } from '../../functions/resync/resync-summary.ts';
import { fakeDeployment } from '../cli/fake-deployment.ts';
import { idOf } from '../factories/tasks.ts';
import { blocksOf, PAGES } from './pages.ts';

const NAME = 'npx ecs-prometheus-discovery ';
const RECORDING = fileURLToPath(new URL('../fixtures/cases/china.json', import.meta.url));

const commands = [...PAGES].flatMap(([path, page]) =>
  blocksOf(page, 'sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith(NAME))
    .map((line) => [path, line.slice(NAME.length).replace(/ +#.*$/, '')] as const),
);

it.each(commands)('%s: %s', async (_, line) => {
  const fake = fakeDeployment();
  fake.tasks.set(idOf(1), { number: 1 });
  const cluster = {
    cluster: 'prod',
    targets: 0,
    ...noCounts(),
    skipped: {},
    skippedTasks: [],
    moreSkipped: 0,
    problems: [],
    moreProblems: 0,
  };
  const summary = { dryRun: false, complete: true, awsCalls: 1, durationMilliseconds: 1, clusters: [cluster] };
  fake.answers['Invoke'] = () => ({ Payload: new TextEncoder().encode(JSON.stringify(summary)) });
  fake.answers['StartMessageMoveTask'] = () => ({});
  fake.answers['ListMessageMoveTasks'] = () => ({ Results: [{ Status: 'COMPLETED' }] });
  const words = line
    .split(' ')
    .map(
      (word) =>
        ({ TASK_ID: idOf(1), YOUR_CLUSTER: 'prod', 'task.json': line.includes('--from') ? RECORDING : '/dev/null' })[
          word
        ] ?? word,
    );
  const { text, error } = await fake.run(...words);
  expect(line.includes('--help') ? '' : error).toBe('');
  expect(text).not.toBe('');
});

it('there are some', () => {
  expect(commands.length).toBeGreaterThan(20);
});
