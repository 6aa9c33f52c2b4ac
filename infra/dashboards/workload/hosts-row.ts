import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { graph } from '../panels/graph.ts';
import { rate } from '../queries.ts';

/** EC2 hosts on which the node exporter runs. */
export const hostsRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'CPU by host',
    description: 'Share of the time, in percent, in which the CPUs of a host were not idle.',
    unit: 'percent',
    width: 12,
    max: 100,
    noValue: 'No node exporter is scraped',
    queries: [
      {
        expr: `100 - (avg by (cluster, instance) (${rate('node_cpu_seconds_total{mode="idle",cluster=~"$cluster"}')}) * 100)`,
        legend: '{{cluster}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Memory by host',
    description: 'Share of the memory of a host, in percent, that is not available to new processes.',
    unit: 'percent',
    width: 12,
    max: 100,
    noValue: 'No node exporter is scraped',
    queries: [
      {
        expr: '100 * (1 - node_memory_MemAvailable_bytes{cluster=~"$cluster"} / node_memory_MemTotal_bytes{cluster=~"$cluster"})',
        legend: '{{cluster}} {{instance}}',
      },
    ],
  }),
];
