/** ECS and EC2 for every watched cluster, here or elsewhere: by the deployment's own clients, or under the role of a source. */

import type { Clock } from '../discovery/clock.ts';
import { clusterArnOf, clusterElsewhere, type Here, placeElsewhere } from '../discovery/cluster/cluster-key.ts';
import { sourceRoleName } from '../discovery/names.ts';
import { placeOfArn } from '../discovery/task/task.ts';
import type { Clients, EcsClients } from './clients.ts';
import { createEc2, type Ec2 } from './ec2.ts';
import { createEcs, type Ecs } from './ecs.ts';
import { assumedRole } from './source-role.ts';

interface ReachSettings {
  readonly deployment: string;
  /** What the deployment calls its clusters. */
  readonly clusters: readonly string[];
  readonly here: Here;
  readonly externalId?: string;
}

/** Clients for one account and Region after another, by the beginning of its ARNs; each is made once. */
type ClientsAt = (place: string) => EcsClients;

export interface Reach {
  /** Takes clusters as the deployment calls them. */
  readonly ecs: Ecs;
  readonly ec2Of: (cluster: string) => Ec2;
}

/** What a source needs to be told, as the settings of its stack. */
const advice = ({ deployment, here, externalId }: ReachSettings, region: string, account: string, names: string[]) => {
  const [, , , centralRegion = '', centralAccount = ''] = here.split(':');
  const bus = `${here.split(':').slice(0, 2).join(':')}:events:${centralRegion}:${centralAccount}:event-bus/${deployment}`;
  const settings = `-c forwardTo=${bus} -c clusters=${names.join(',')} -c externalId=${externalId}`;
  return `deploy the stack of a source in account ${account}, Region ${region}, with npx cdk deploy ${settings}`;
};

export function createClientsAt(
  clients: Pick<Clients, 'ecs' | 'ec2' | 'sts' | 'inRegion'>,
  settings: ReachSettings,
  clock: Pick<Clock, 'now'>,
): ClientsAt {
  const { here, clusters, deployment, externalId = '' } = settings;
  const known = new Map<string, EcsClients>([[here, clients]]);

  function source(place: string): EcsClients {
    const [, partition = '', , region = '', account = ''] = place.split(':');
    const names = clusters.flatMap((key) => {
      const it = clusterElsewhere(key);
      return it?.region === region && it.account === account ? [it.name] : [];
    });
    const role = {
      arn: `arn:${partition}:iam::${account}:role/${sourceRoleName(deployment, region)}`,
      externalId,
      sessionName: deployment,
      advice: advice(settings, region, account, names),
    };
    return clients.inRegion(region, assumedRole(clients.sts, role, clock));
  }

  return (place) => {
    const found = known.get(place) ?? source(place);
    known.set(place, found);
    return found;
  };
}

/** @param wants.tags whether tasks are wanted with their tags */
export function createReach(clientsAt: ClientsAt, here: Here, wants: { readonly tags?: boolean } = {}): Reach {
  const places = new Map<string, { readonly ecs: Ecs; readonly ec2: Ec2 }>();
  function at(place: string): { readonly ecs: Ecs; readonly ec2: Ec2 } {
    const { ecs, ec2 } = clientsAt(place);
    const known = places.get(place) ?? { ecs: createEcs(ecs, wants), ec2: createEc2(ec2) };
    places.set(place, known);
    return known;
  }

  const of = (cluster: string) => {
    const elsewhere = clusterElsewhere(cluster);
    return at(elsewhere ? placeElsewhere(here, elsewhere) : here);
  };
  /** A name would do, too, but an ARN says which cluster is meant to a person who reads the request. */
  const named = (cluster: string): string => (clusterElsewhere(cluster) ? clusterArnOf(cluster, here) : cluster);

  return {
    ec2Of: (cluster) => of(cluster).ec2,
    ecs: {
      describeTasks: (cluster, ids) => of(cluster).ecs.describeTasks(named(cluster), ids),
      listTasks: (cluster, service) => of(cluster).ecs.listTasks(named(cluster), service),
      describeTaskDefinition: (arn) => at(placeOfArn(arn)).ecs.describeTaskDefinition(arn),
      describeServiceRegistries: (cluster, services) =>
        of(cluster).ecs.describeServiceRegistries(named(cluster), services),
      describeServiceTags: (cluster, services) => of(cluster).ecs.describeServiceTags(named(cluster), services),
      describeClusterTags: (cluster) => of(cluster).ecs.describeClusterTags(named(cluster)),
      describeContainerInstances: (cluster, arns) => of(cluster).ecs.describeContainerInstances(named(cluster), arns),
    },
  };
}
