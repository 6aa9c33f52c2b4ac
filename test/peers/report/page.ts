/** docs/comparison.md. */
import { SIDES } from '../sides/side.ts';
import type { Comparison, FleetFigures } from './figures.ts';
import { callsTable, faultTable, NAMES, ratioTable, usageTable } from './table.ts';

const count = new Intl.NumberFormat('en-US');

const fleetPart = (
  comparison: Comparison,
  fleet: FleetFigures,
): string => `## ${count.format(fleet.tasks)} tasks in ${fleet.services} services

${ratioTable(comparison, fleet)}

Calls by API, in two minutes with ${fleet.changes} changes (${fleet.shards} shards):

${callsTable(fleet)}

${usageTable(fleet)}
${
  fleet.faults.length === 0
    ? ''
    : `
Faults, one after another, for all at once. Lost is a running task that was listed and then is not for a second or longer.
One task is stopped as the fault begins; whose list still has it when the fault ends, has not seen the stop.

${faultTable(fleet)}
`
}`;

export const comparisonPage = (comparison: Comparison): string => `# Compared

Written by \`${comparison.command}\` on ${comparison.date}. All discoveries ran at once on one emulated fleet, with one list of
changes; in brackets, how many times this project's figure.

![Seconds, calls and lost targets of each](comparison.svg)

${comparison.fleets.map((fleet) => fleetPart(comparison, fleet)).join('\n')}
## How

- **Who**: ${SIDES.map((id) => `${NAMES[id]} (${comparison.versions[id]})`).join('; ')}. All as real processes with their
  default intervals, except the sidecar: its calls are made as its source makes them, so its CPU and memory are not compared.
- **This project** is deployed to an emulated AWS (MiniStack), as \`npm run local\` does; target-sync runs as in its image.
  EventBridge, SQS, SNS and Lambda are quicker there than on AWS; [measured](bench.md) has the same code on a simulated AWS with
  their delays.
- **AWS**: the ECS model of \`npm run local\` with AWS's page sizes, 30 ms an answer, and for each discovery the default limits
  of an account of its own for ECS, EC2 and SSM: 100 DescribeTasks and ListTasks at once and 20 a second, and so on
  (\`test/peers/account/limits.ts\`). Those of Cloud Map are not published, so here it has none. Cloud Map has each task at
  once, which is kind to the sidecar. Nothing is scraped.
- **Seconds**: from when a task runs, or ECS is told to stop it, to when the list is so. The list is the file of the observer,
  the sidecar and target-sync; for Prometheus what its discovery manager gives to the scrape manager.
- **Calls**: on ECS, EC2, Cloud Map and SSM. A day of this project is the simulated one of [measured](bench.md), with eight
  resyncs; that of the others is what they asked in two minutes, as often as a day has two minutes.
- **CPU and memory**: of the discovery alone. The observer's is a collector that scrapes nothing. This project's CPU is that of
  target-sync and of all its functions; the memory of the functions is Lambda's, and there only while something changes. In
  its first ten minutes, as here, target-sync reads all shards every 15 s; later every five minutes.
- **Faults** last ${FAULT_SECONDS} s each, with refreshes every ${FAULT_REFRESH} s, so that each meets some of them.
- **Machine**: ${comparison.machine}. Load of other work when it began: ${comparison.load.toFixed(1)}; all that is compared ran at
  nice ${comparison.nice}.
`;

/** Seconds of each fault. */
export const FAULT_SECONDS = 12;
/** Seconds between two refreshes of those that ask, while there are faults. */
export const FAULT_REFRESH = 3;
