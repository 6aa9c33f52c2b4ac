/** Explains the tasks of a recording, without AWS. */
import { systemClock } from '../../../functions/aws/system-clock.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import { lookUps } from '../../../functions/lambda/dependencies.ts';
import { readConfiguration } from '../account/configuration.ts';
import { SILENT } from '../account/silent-report.ts';
import { type Explaining, explainTasks } from '../why/explain-tasks.ts';
import type { ExplainedTask } from '../why/explained-task.ts';
import { recordedClient } from './recorded-answers.ts';
import type { Recording } from './recording.ts';

export async function explainRecording({ settings, answers, tasks, scrapeJobs }: Recording): Promise<ExplainedTask[]> {
  const client = recordedClient(answers);
  const lazy = async () => client;
  const clients = {
    ...{ ecs: client, ssm: client, ec2: lazy, serviceDiscovery: lazy, sts: lazy },
    // A recording has answers, and no clients that could be told apart.
    inRegion: () => ({ ecs: client, ec2: lazy }),
  };
  const recorded = JSON.stringify(answers['GetParameters'] ?? '');
  const hasShards = (cluster: string): boolean =>
    recorded.includes(shardParameterName(settings.deployment, cluster, 0));
  const explaining: Explaining = {
    lookUps: lookUps({ clients, settings, report: SILENT }),
    configuration: async (cluster) =>
      hasShards(cluster) ? readConfiguration(client, settings, cluster, systemClock) : undefined,
    knowsInstances: 'GetInstance' in answers,
    collectors: async () => undefined,
    scrapeJobs: async () => scrapeJobs,
  };
  const batches = Map.groupBy(tasks, ({ id, batch }) => batch ?? id);
  return (await Promise.all([...batches.values()].map((batch) => explainTasks(explaining, batch)))).flat();
}
