import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertRule } from '../../../infra/alert-rules/alert-rule.ts';
import { rulesFile } from '../../../infra/alert-rules/rules-file.ts';
import { run } from '../../../infra/local/process/run.ts';
import { promtoolProgram } from '../../../infra/local/prometheus/program.ts';
import type { AlertCase } from './alert-case.ts';

const PAGE = 'https://example.com/alerts';

const unitTest = (rules: readonly AlertRule[], { alert, when, series, at, fires }: AlertCase) => {
  const rule = rules.find(({ name }) => name === alert);
  return {
    name: when,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      {
        eval_time: at,
        alertname: alert,
        exp_alerts: fires.map(({ labels, summary }) => ({
          exp_labels: { severity: rule?.severity, ...labels },
          exp_annotations: { summary, description: rule?.action, runbook_url: `${PAGE}#${alert.toLowerCase()}` },
        })),
      },
    ],
  };
};

/** Runs `promtool`; resolves with what it printed. @throws when it ends with another code than 0. */
export const promtool = async (...parameters: string[]): Promise<string> =>
  run(await promtoolProgram(), parameters, { environment: process.env });

/**
 * Runs `promtool test rules` in a folder that is there.
 *
 * @throws when a rule does not do what a case says.
 */
export const testRules = async (
  folder: string,
  name: string,
  rules: readonly AlertRule[],
  cases: readonly AlertCase[],
): Promise<void> => {
  const rulesPath = join(folder, `${name}.rules.yml`);
  const testPath = join(folder, `${name}.test.yml`);
  await writeFile(rulesPath, rulesFile({ page: PAGE, groups: { rules } }));
  const tests = cases.map((one) => unitTest(rules, one));
  // JSON is YAML.
  await writeFile(testPath, JSON.stringify({ rule_files: [rulesPath], evaluation_interval: '1m', tests }));
  await promtool('test', 'rules', testPath);
};
