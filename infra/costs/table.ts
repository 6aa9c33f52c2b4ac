/** The costs of some fleets side by side, as a Markdown table. */
import { collectorCost, discoveryCosts, total } from './costs.ts';
import { type Fleet, IDLE, shardsFor } from './fleet.ts';
import { requestsPerDay, sidecarRequestsPerDay, syncRequestsPerDay } from './requests.ts';

const fleet = (services: number, tasks: number, changesPerDay: number, collectors: number): Fleet => ({
  services,
  tasks,
  changesPerDay,
  registered: 0,
  shards: shardsFor(tasks),
  collectors,
  cloudMap: true,
});

/** The fleets of `docs/costs.md`. */
export const FLEETS: readonly Fleet[] = [fleet(10, 50, 50, 1), fleet(100, 1000, 500, 1), fleet(500, 10_000, 5000, 4)];

const count = (number: number): string => number.toLocaleString('en-US');
const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const row = (name: string, cells: readonly string[]): string => `| ${name} | ${cells.join(' | ')} |`;

export function costTable(fleets: readonly Fleet[]): string {
  const each = (name: string, cell: (of: Fleet) => string): string => row(name, fleets.map(cell));
  const items = discoveryCosts(fleets[0] as Fleet).map(({ item }, index) =>
    each(item, (of) => dollars(discoveryCosts(of)[index]?.dollars ?? 0)),
  );
  const lambdas = (of: Fleet): number => Object.values(requestsPerDay(of)).reduce((sum, number) => sum + number, 0);
  return [
    each('', (of) => `${count(of.services)} services, ${count(of.tasks)} tasks`),
    row(
      '---',
      fleets.map(() => '---:'),
    ).replace('| --- |', '|---|'),
    each('tasks started or stopped a day', ({ changesPerDay }) => count(changesPerDay)),
    each('shards, collectors', ({ shards, collectors }) => `${shards}, ${collectors}`),
    ...items,
    each('**discovery, a month**', (of) => `**${dollars(total(discoveryCosts(of)))}**`),
    each('if every task is registered in Cloud Map', (of) =>
      dollars(total(discoveryCosts({ ...of, registered: of.tasks }))),
    ),
    each('without alarms, dashboard and metrics', (of) => dollars(total(discoveryCosts(of).filter(isNotWatching)))),
    each('collectors on Fargate, also needed with the sidecar', (of) => dollars(collectorCost(of))),
    each('requests a day on ECS, Cloud Map and SSM: Lambdas', (of) => count(lambdas(of))),
    each('the same: target-sync', (of) => count(syncRequestsPerDay(of))),
    each('the same: the reference’s sidecar', (of) => count(sidecarRequestsPerDay(of))),
    each('the sidecar asks … times as often', (of) =>
      count(Math.floor(sidecarRequestsPerDay(of) / (lambdas(of) + syncRequestsPerDay(of)))),
    ),
  ].join('\n');
}

/** The sentence below the table of `docs/costs.md`. */
export const fixedCost = (): string => {
  const watching = total(discoveryCosts(IDLE).filter((cost) => !isNotWatching(cost)));
  return `Fixed, with the defaults in a cluster that exists, without a collector, while nothing happens: **${dollars(total(discoveryCosts(IDLE)))}** a month, ${dollars(watching)} of it for metrics, alarms and the dashboard.`;
};

const isNotWatching = ({ item }: { readonly item: string }): boolean => !item.startsWith('CloudWatch');
