/** `npm run costs`: the costs of a fleet; with `--write`, the table of docs/costs.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shardsFor } from './fleet.ts';
import { costTable, FLEETS, fixedCost } from './table.ts';

const PAGE = join(import.meta.dirname, '../../docs/costs.md');
const BEFORE = '-->\n\n';
const AFTER = '\n\n<!-- End of the table. -->';

const USAGE =
  'npm run costs -- --services 100 --tasks 1000 --changes 500 [--collectors 1] [--registered 0] [--shards 17] [--no-cloud-map]';

const { values } = parseArgs({
  options: {
    services: { type: 'string' },
    tasks: { type: 'string' },
    changes: { type: 'string' },
    collectors: { type: 'string', default: '1' },
    registered: { type: 'string', default: '0' },
    shards: { type: 'string' },
    'no-cloud-map': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

function number(name: 'services' | 'tasks' | 'changes' | 'collectors' | 'registered' | 'shards'): number {
  const text = values[name];
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  const found = text === undefined ? 'is missing' : `must be a whole number, not "${text}"`;
  console.error(`--${name} ${found}.\n${USAGE}`);
  process.exit(1);
}

if (values.write) {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(
    PAGE,
    page.slice(0, page.indexOf(BEFORE) + BEFORE.length) +
      `${costTable(FLEETS)}\n\n${fixedCost()}` +
      page.slice(page.indexOf(AFTER)),
  );
} else {
  const tasks = number('tasks');
  const fleet = {
    services: number('services'),
    tasks,
    changesPerDay: number('changes'),
    collectors: number('collectors'),
    registered: number('registered'),
    cloudMap: !values['no-cloud-map'],
    shards: values.shards === undefined ? shardsFor(tasks) : number('shards'),
  };
  console.log(`${costTable([fleet])}\n\n${fixedCost()}`);
}
