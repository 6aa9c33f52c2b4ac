/** What happens in a history, in a form that fast-check can make, shrink and print. */
import type { SimulatedTask } from './aws/ecs.ts';
import { WORKLOADS } from './fleet.ts';
import type { SimulationSettings } from './settings.ts';
import { Simulation } from './simulation.ts';

/** One thing that happens, some milliseconds after the one before. */
export type Incident = { readonly wait: number } & (
  | { readonly what: 'launch'; readonly workload: number; readonly count: number }
  /** `which` of the tasks that there are, modulo their number. */
  | { readonly what: 'stop' | 'disturb'; readonly which: number }
  /** All tasks of a workload are replaced by new ones. */
  | { readonly what: 'replace'; readonly workload: number }
  | { readonly what: 'resync'; readonly dryRun?: boolean }
  | { readonly what: 'emptied' | 'garbage' | 'deleted' | 'restored' }
  | { readonly what: 'kill collector' | 'refresh' }
  | { readonly what: 'reshard'; readonly shards: number }
  /** For a minute ECS says that it knows no task; a resync looks just then. */
  | { readonly what: 'lie' }
);

export interface Story {
  readonly settings: SimulationSettings;
  readonly incidents: readonly Incident[];
}

const LIE = 60_000;

/** Lets a story happen up to its last incident; what is under way then goes on. */
export async function tell({ settings, incidents }: Story): Promise<Simulation> {
  const simulation = new Simulation(settings);
  const { random, ecs } = simulation;
  const clusterOf = (): string => settings.clusters[random.int(0, settings.clusters.length - 1)] as string;
  const tasks: SimulatedTask[] = [];
  const launch = (workload: number, cluster: string): void => {
    const kind = WORKLOADS[workload % WORKLOADS.length];
    if (kind) tasks.push(simulation.tasks.launch(kind, cluster));
  };
  for (const incident of incidents) {
    await simulation.run(incident.wait);
    switch (incident.what) {
      case 'launch':
        for (let i = 0; i < incident.count; i++) launch(incident.workload, clusterOf());
        break;
      case 'stop':
      case 'disturb': {
        const task = tasks[incident.which % Math.max(1, tasks.length)];
        if (task) simulation.tasks[incident.what](task);
        break;
      }
      case 'replace': {
        const family = WORKLOADS[incident.workload % WORKLOADS.length]?.definition.family;
        for (const task of tasks.filter(({ definition }) => definition.family === family)) {
          if (ecs.stoppingSince(task) !== undefined) continue;
          launch(incident.workload, task.cluster);
          simulation.scheduler.after(random.int(0, 20_000), () => simulation.tasks.stop(task));
        }
        break;
      }
      case 'resync':
        simulation.resync({ ...(incident.dryRun && { dryRun: true }) });
        break;
      case 'kill collector':
        simulation.killCollector();
        break;
      case 'refresh':
        for (const collector of simulation.collectors) void collector.refresh();
        break;
      case 'reshard':
        simulation.reshard(incident.shards);
        break;
      case 'lie':
        ecs.isLying = true;
        simulation.needsResync = true;
        simulation.scheduler.after(LIE, () => {
          ecs.isLying = false;
        });
        simulation.resync();
        break;
      default:
        simulation.mishap(incident.what);
    }
  }
  return simulation;
}

/**
 * Lets a story happen to its end: nothing fails any more, everything comes to rest, an operator does what operators do
 * after losses. Everything is judged on the way and at the end.
 */
export async function tellToTheEnd(story: Story): Promise<Simulation> {
  const simulation = await tell(story);
  await simulation.calmDown();
  if (simulation.needsResync || simulation.cloudMap.failed > 0) await simulation.mend();
  if (simulation.needsRefresh) await simulation.refreshFiles(3);
  await simulation.judgeConvergence();
  return simulation;
}
