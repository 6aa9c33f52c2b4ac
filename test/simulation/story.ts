/** What happens in a history, in a form that fast-check can make, shrink and print. */
import { REMOVALS_ALWAYS_ALLOWED } from '../../functions/discovery/plan/removal-guard.ts';
import type { Task } from '../../infra/local/ecs/model.ts';
import type { ServiceName } from './aws/simulated-service.ts';
import { WORKLOADS } from './fleet.ts';
import type { Mishap } from './mishaps.ts';
import type { Outage } from './outages.ts';
import type { Wire } from './pipeline.ts';
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
  | { readonly what: 'mishap'; readonly mishap: Mishap }
  /** A service is ill for some milliseconds. */
  | { readonly what: 'outage'; readonly service: ServiceName; readonly outage: Outage; readonly lasts: number }
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
async function tell({ settings, incidents }: Story, wire: Wire): Promise<Simulation> {
  const simulation = new Simulation(settings, wire);
  const tasks: Task[] = [];
  for (const incident of incidents) {
    await simulation.run(incident.wait);
    happen(simulation, incident, tasks);
  }
  return simulation;
}

function happen(simulation: Simulation, incident: Incident, tasks: Task[]): void {
  const { random, world } = simulation;
  const { clusters } = world.settings;
  const launch = (workload: number, cluster = clusters[random.int(0, clusters.length - 1)] as string): void => {
    const kind = WORKLOADS[workload % WORKLOADS.length];
    if (kind) tasks.push(simulation.tasks.launch(kind, cluster));
  };
  switch (incident.what) {
    case 'launch':
      for (let i = 0; i < incident.count; i++) launch(incident.workload);
      break;
    case 'stop':
    case 'disturb': {
      const task = tasks[incident.which % Math.max(1, tasks.length)];
      if (task) simulation.tasks[incident.what](task);
      break;
    }
    case 'replace': {
      const family = WORKLOADS[incident.workload % WORKLOADS.length]?.family;
      for (const task of tasks.filter(({ taskDefinition }) => taskDefinition.family === family)) {
        if (task.desiredStatus === 'STOPPED') continue;
        launch(incident.workload, task.cluster);
        world.scheduler.after(random.int(0, 20_000), () => simulation.tasks.stop(task));
      }
      break;
    }
    case 'resync':
      simulation.resync(incident.dryRun ? { dryRun: true } : {});
      break;
    case 'mishap':
      simulation.mishaps.happen(incident.mishap);
      break;
    case 'outage':
      world.note(incident.service, `${incident.outage} for ${incident.lasts} ms`);
      world.outages.begin(incident.service, incident.outage);
      world.scheduler.after(incident.lasts, () => world.outages.end(incident.service));
      break;
    case 'reshard':
      simulation.reshard(incident.shards);
      break;
    case 'lie':
      // Where little is published yet, nobody can tell the lie from a small fleet that ended.
      if (simulation.published('prod') <= REMOVALS_ALWAYS_ALLOWED) break;
      world.ecs.isLying = true;
      simulation.needsResync = true;
      world.scheduler.after(LIE, () => {
        world.ecs.isLying = false;
      });
      simulation.resync();
      break;
  }
}

/**
 * Lets a story happen to its end: nothing fails any more, everything comes to rest, an operator does what operators do
 * after losses. Everything is judged on the way and at the end.
 *
 * @param repair what the operator does
 */
export async function tellToTheEnd(
  story: Story,
  wire: Wire,
  repair: (simulation: Simulation) => Promise<void> = (simulation) => simulation.repair(),
): Promise<Simulation> {
  const simulation = await tell(story, wire);
  await simulation.calmDown();
  if (simulation.hasLost) await repair(simulation);
  simulation.judge.converged();
  return simulation;
}
