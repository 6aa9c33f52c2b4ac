/** When the dashboards mark a deployment. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deployments } from '../../infra/dashboards/deployments.ts';
import { LOCAL_ROOT } from '../../infra/local/paths.ts';
import { promtoolProgram } from '../../infra/local/prometheus/program.ts';
import { up, ups } from './alert-rules/alert-case.ts';
import { testExpression } from './alert-rules/test-expression.ts';

const FOLDER = join(LOCAL_ROOT, 'test/deployments-test');
const expression = deployments('taskid!=""').build().expr ?? '';
const WEB = '{cluster="prod", service="web"}';

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  await promtoolProgram();
}, 120_000);
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

it.each([
  {
    when: 'the tasks of a service are replaced',
    series: { ...ups(2, '1x60 stale'), ...ups(2, '_x55 1x60') },
    at: '57m',
    gives: { [WEB]: 2 },
  },
  {
    when: 'the one task of a service is replaced',
    series: { ...ups(1, '1x60 stale'), ...ups(1, '_x55 1x60') },
    at: '62m',
    gives: { [WEB]: 1 },
  },
  {
    when: 'a task with two endpoints is replaced: it counts once',
    series: {
      ...ups(2, '1x60 stale'),
      [up('new')]: '_x60 1x60',
      [up('new').replace('}', ',port="9779"}')]: '_x60 1x60',
    },
    at: '65m',
    gives: { [WEB]: 1 },
  },
])('a deployment is marked when $when', ({ when, ...one }) =>
  testExpression(join(FOLDER, `${when.replaceAll(/\W/g, '-')}.yml`), { expression, ...one }),
);

it.each([
  { when: 'ten minutes after it', series: { ...ups(2, '1x60 stale'), ...ups(2, '_x55 1x60') }, at: '67m' },
  { when: 'when one task of three is replaced', series: { ...ups(2, '1x90'), ...ups(1, '_x60 1x60') }, at: '62m' },
  { when: 'when a service is new', series: ups(2, '_x60 1x60'), at: '62m' },
  { when: 'after a gap in the data', series: ups(2, '1x30 stale _x30 1x60'), at: '65m' },
  { when: 'while tasks are down', series: ups(2, '1x30 0x60'), at: '35m' },
])('no deployment is marked $when', ({ when, ...one }) =>
  testExpression(join(FOLDER, `${when.replaceAll(/\W/g, '-')}.yml`), { expression, gives: {}, ...one }),
);

it('an expression that gives something else fails', async () => {
  const path = join(FOLDER, 'wrong.yml');
  const wrong = testExpression(path, { expression, series: ups(2, '1x90'), at: '80m', gives: { [WEB]: 2 } });
  await expect(wrong).rejects.toThrow(/exp|got/);
});
