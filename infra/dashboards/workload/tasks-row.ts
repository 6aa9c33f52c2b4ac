import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { graph } from '../panels/graph.ts';
import { BY_TASK, MOST, mostTasks, rate, TASK } from '../queries.ts';
import { averageLatency, CHOSEN, requests } from './chosen.ts';

/** Task by task. */
export const tasksRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'Request rate by task',
    description: `Requests answered a second; the ${MOST} busiest tasks at each moment. Tasks of one service that get very different shares hint at the load balancing.`,
    unit: 'reqps',
    width: 12,
    queries: [{ expr: mostTasks(`sum ${BY_TASK} (${requests()})`), legend: TASK }],
  }),
  graph({
    title: 'Average latency by task',
    description: `Mean time of a request; the ${MOST} slowest tasks at each moment. A single slow task is the host's or the task's own trouble, all of them are the service's.`,
    unit: 'ms',
    width: 12,
    queries: [{ expr: mostTasks(averageLatency(BY_TASK)), legend: TASK }],
  }),
  graph({
    title: 'CPU by task',
    description: `CPU seconds a second of the process that exports the metrics: 1 is one full core. The ${MOST} busiest tasks at each moment.`,
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: mostTasks(`sum ${BY_TASK} (${rate(`process_cpu_seconds_total{${CHOSEN}}`)})`),
        legend: TASK,
      },
    ],
  }),
  graph({
    title: 'Memory by task',
    description: `Resident memory of the process that exports the metrics; the ${MOST} largest at each moment. The task is ended when all its processes together reach its memory limit.`,
    unit: 'bytes',
    width: 12,
    queries: [{ expr: mostTasks(`sum ${BY_TASK} (process_resident_memory_bytes{${CHOSEN}})`), legend: TASK }],
  }),
];
