/** What the scenario and the commands tried by hand do, through the APIs a user would call. */
import { readFile } from 'node:fs/promises';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import type { ResyncRequest, ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { clusterArn } from './ecs/arn.ts';
import { loopbackClientConfig, loopbackEndpoint } from './loopback.ts';
import type { RunningSystem } from './running-system.ts';
import { WEBAPP_TASK_DEFINITION } from './workloads/webapp.ts';

const eventShape = z.object({
  source: z.string(),
  'detail-type': z.string(),
  detail: z.record(z.string(), z.unknown()),
  resources: z._default(z.array(z.string()), []),
});

/** @throws ActionFailed saying what is wrong with the file */
const eventIn = async (file: string): Promise<z.infer<typeof eventShape>> => {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ActionFailed(`${file} is no file with JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  const parsed = eventShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path }) => path.join('.') || 'the event itself');
  throw new ActionFailed(`${file} is no event of EventBridge: missing or wrong ${wrong.join(', ')}`);
};

/** Something that was asked for cannot be done. The message is for the person who asked. */
export class ActionFailed extends Error {
  override readonly name = 'ActionFailed';
}

export interface Actions {
  readonly scale: (desiredCount: number) => Promise<void>;
  /** Registers a new revision of the task definition and rolls the service to it; answers `family:revision`. */
  readonly roll: () => Promise<string>;
  /** Ends a running task as ECS does on StopTask; answers its id. @param task its id or the beginning of it. @default one of the service */
  readonly stopOne: (task?: string) => Promise<string>;
  /** Ends the processes of a running task with SIGKILL; otherwise as {@link stopOne}. */
  readonly killOne: (task?: string) => Promise<string>;
  /** From now on task events are lost, or no longer. */
  readonly loseEvents: (lose: boolean) => Promise<void>;
  /** Invokes the deployed resync Lambda. */
  readonly resync: (request: ResyncRequest) => Promise<ResyncSummary>;
  /**
   * Sends the event in a JSON file: a whole EventBridge event, as those in test/fixtures/events. Answers what can be
   * expected of it.
   */
  readonly sendEvent: (file: string) => Promise<string>;
}

export const actions = (system: RunningSystem): Actions => {
  const { cluster, service } = system;
  const ecs = new ECSClient(loopbackClientConfig(system.ecs));
  const lambda = new LambdaClient(loopbackClientConfig(system.aws));
  const events = new EventBridgeClient(loopbackClientConfig(system.aws));

  const control = async (name: string, body: string): Promise<void> => {
    const response = await fetch(`${loopbackEndpoint(system.ecs)}/_local/${name}`, { method: 'POST', body });
    if (!response.ok) throw new ActionFailed(await response.text());
  };

  const aRunningTask = async (beginning?: string): Promise<string> => {
    const which = beginning === undefined ? { serviceName: service } : {};
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, ...which }));
    const ids = taskArns.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
    const [id, ...others] = ids.filter((one) => one.startsWith(beginning ?? ''));
    if (id === undefined && beginning !== undefined)
      throw new ActionFailed(`No running task begins with ${beginning}.`);
    if (id === undefined) throw new ActionFailed(`No task of ${service} runs. Start some: scale 3`);
    if (beginning !== undefined && others.length > 0) throw new ActionFailed(`Several tasks begin with ${beginning}.`);
    return id;
  };

  return {
    scale: async (desiredCount) => {
      await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
    },

    roll: async () => {
      const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
      const current = services?.[0]?.taskDefinition;
      const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: current }));
      const registered = await ecs.send(
        new RegisterTaskDefinitionCommand({ ...WEBAPP_TASK_DEFINITION, family: taskDefinition?.family }),
      );
      const arn = registered.taskDefinition?.taskDefinitionArn ?? '';
      await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: arn }));
      return arn.slice(arn.lastIndexOf('/') + 1);
    },

    stopOne: async (beginning) => {
      const task = await aRunningTask(beginning);
      await ecs.send(new StopTaskCommand({ cluster, task, reason: 'Stopped by hand' }));
      return task;
    },

    killOne: async (beginning) => {
      const task = await aRunningTask(beginning);
      await control('kill', task);
      return task;
    },

    loseEvents: (lose) => control('lose', lose ? 'on' : 'off'),

    resync: async (request) => {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: system.resyncFunction, Payload: JSON.stringify(request) }),
      );
      const text = answer.Payload?.transformToString() ?? '';
      if (answer.FunctionError === undefined) return JSON.parse(text) as ResyncSummary;
      const { errorMessage } = JSON.parse(text) as { errorMessage: string };
      throw new ActionFailed(`Resync failed: ${errorMessage}`);
    },

    sendEvent: async (file) => {
      const event = await eventIn(file);
      const { Entries } = await events.send(
        new PutEventsCommand({
          Entries: [
            {
              Source: event.source,
              DetailType: event['detail-type'],
              Detail: JSON.stringify(event.detail),
              Resources: event.resources,
            },
          ],
        }),
      );
      const refused = Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused !== undefined) throw new ActionFailed(`PutEvents: ${refused.ErrorCode} ${refused.ErrorMessage}`);
      const isOurs = event.detail['clusterArn'] === clusterArn(cluster);
      return isOurs ? 'Sent.' : `Sent. Nothing follows: the rule takes events of ${clusterArn(cluster)} only.`;
    },
  };
};
