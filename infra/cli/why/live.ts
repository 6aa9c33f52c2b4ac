/** What explaining asks of a deployment. */
import { readConfiguration } from '../account/configuration.ts';
import { queueStates } from '../account/queues.ts';
import { type Session, sessionLookUps } from '../session.ts';
import type { Explaining } from './explain-tasks.ts';

export function explainingIn(session: Session): Explaining {
  const { clients, deployment, clock } = session;
  return {
    lookUps: sessionLookUps(session),
    configuration: (cluster) => readConfiguration(clients.ssm, deployment.settings, cluster, clock),
    knowsInstances: true,
    collectors: () => queueStates(clients, deployment.collectorQueues, clock),
  };
}
