/** The alert rules in Prometheus' own unit tests of rules. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AlertRule } from '../../../infra/alert-rules/alert-rule.ts';
import { ALERT_RULES, RULES_FILE } from '../../../infra/alert-rules/rules-file.ts';
import { LOCAL_ROOT, PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { promtoolProgram } from '../../../infra/local/prometheus/program.ts';
import { COLLECTOR_CASES } from './collector-cases.ts';
import { DISCOVERY_CASES } from './discovery-cases.ts';
import { promtool, testRules } from './promtool.ts';
import { TARGET_CASES } from './target-cases.ts';

const FOLDER = join(LOCAL_ROOT, 'test/alert-rules-test');
const RULES = Object.values(ALERT_RULES).flat();
const CASES = [...TARGET_CASES, ...DISCOVERY_CASES, ...COLLECTOR_CASES];

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  await promtoolProgram();
}, 120_000);
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

it('is a file that Prometheus takes', async () => {
  const said = await promtool('check', 'rules', join(PROJECT_ROOT, 'docs/alerts', RULES_FILE));
  expect(said).toContain(`SUCCESS: ${RULES.length} rules found`);
});

describe.each(RULES)('$name', (rule) => {
  const cases = CASES.filter(({ alert }) => alert === rule.name);
  const firing = cases.filter(({ fires }) => fires.length > 0);
  const quiet = cases.filter(({ fires }) => fires.length === 0);
  const file = (index: number, kind: string) => `${rule.name}-${kind}-${index}`;

  it.each(firing.map((one, index) => ({ ...one, index })))('fires $when', ({ index, ...one }) =>
    testRules(FOLDER, file(index, 'fires'), [rule], [one]),
  );

  it.each(quiet.map((one, index) => ({ ...one, index })))('is quiet $when', ({ index, ...one }) =>
    testRules(FOLDER, file(index, 'quiet'), [rule], [one]),
  );

  it.each<[string, Partial<AlertRule>]>([
    ['that never fires', { expression: 'vector(1) < 0' }],
    ['that always fires', { expression: 'vector(1)' }],
    ['that fires at once', { holdsFor: '0s' }],
    ['that fires a day late', { holdsFor: '1d' }],
    ['that says something else', { summary: 'something else' }],
  ])('would not pass as a rule %s', async (wrong, change) => {
    const changed = { ...rule, ...change };
    await expect(testRules(FOLDER, file(0, wrong.replaceAll(' ', '-')), [changed], cases)).rejects.toThrow(/got:/);
  });
});
