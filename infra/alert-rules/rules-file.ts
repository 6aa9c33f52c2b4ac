import { stringify } from 'yaml';
import type { AlertRule } from './alert-rule.ts';
import { collectorRules } from './collector-rules.ts';
import { discoveryRules } from './discovery-rules.ts';
import { targetRules } from './target-rules.ts';

/** Name of the importable file in `docs/alerts/`. */
export const RULES_FILE = 'ecs-prometheus-discovery.rules.yml';

const PAGE = 'docs/alerts/README.md';

/** By the name of their group. Rules of a group are evaluated one after the other, groups side by side. */
export const ALERT_RULES: Readonly<Record<string, readonly AlertRule[]>> = {
  'ecs-targets': targetRules,
  'ecs-discovery': discoveryRules,
  'ecs-collectors': collectorRules,
};

export interface RulesFileOptions {
  /**
   * Address of docs/alerts/README.md, which each alert links to.
   * @default - its path in this repository
   */
  readonly page?: string;
  /** @default - all rules */
  readonly groups?: Readonly<Record<string, readonly AlertRule[]>>;
}

/** A rules file of Prometheus, as `rule_files`, `promtool` and Amazon Managed Service for Prometheus read it. */
export const rulesFile = ({ page = PAGE, groups = ALERT_RULES }: RulesFileOptions = {}): string =>
  stringify(
    {
      groups: Object.entries(groups).map(([name, rules]) => ({
        name,
        interval: '1m',
        rules: rules.map(({ name: alert, expression, holdsFor, severity, summary, action }) => ({
          alert,
          expr: expression,
          for: holdsFor,
          labels: { severity },
          annotations: { summary, description: action, runbook_url: `${page}#${alert.toLowerCase()}` },
        })),
      })),
    },
    { lineWidth: 0 },
  );
