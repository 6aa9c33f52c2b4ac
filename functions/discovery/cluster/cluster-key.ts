/**
 * What a deployment calls its clusters: in its settings, announcements, metrics, and the names of parameters and files. A
 * cluster of its own account and Region keeps its name. One elsewhere is `name.region.account`, so that it is the only one;
 * names of ECS clusters have no dot (Amazon ECS API reference, CreateCluster), and a dot is allowed in all these places.
 */
import { lastPartOfArn, placeOfArn } from '../task/task.ts';

/** An ECS cluster of another account or Region. */
interface ClusterParts {
  readonly name: string;
  readonly region: string;
  readonly account: string;
}

const KEY_ELSEWHERE = /^([^.]+)\.([a-z0-9-]+)\.(\d{12})$/;

/** Undefined where the cluster is in the account and Region of the deployment. */
export function clusterElsewhere(key: string): ClusterParts | undefined {
  const [, name, region, account] = KEY_ELSEWHERE.exec(key) ?? [];
  return name && region && account ? { name, region, account } : undefined;
}

export const isElsewhere = (key: string): boolean => clusterElsewhere(key) !== undefined;

export const keyElsewhere = ({ name, region, account }: ClusterParts): string => `${name}.${region}.${account}`;

/** Where a deployment is: the beginning of the ARNs of its ECS resources, `arn:aws:ecs:eu-west-1:111122223333`. */
export type Here = string;

/** The beginning of the ARNs of a cluster elsewhere; accounts of two partitions cannot see each other. */
export const placeElsewhere = (here: Here, { region, account }: Omit<ClusterParts, 'name'>): string =>
  [...here.split(':').slice(0, 3), region, account].join(':');

/** The ARN of a cluster that the deployment calls so. */
export function clusterArnOf(key: string, here: Here): string {
  const elsewhere = clusterElsewhere(key);
  return elsewhere ? `${placeElsewhere(here, elsewhere)}:cluster/${elsewhere.name}` : `${here}:cluster/${key}`;
}

/** What the deployment calls the cluster with this ARN. */
export function clusterKeyOf(clusterArn: string, here: Here): string {
  const place = placeOfArn(clusterArn);
  const [region = '', account = ''] = place.split(':').slice(3);
  const name = lastPartOfArn(clusterArn);
  return place === here ? name : keyElsewhere({ name, region, account });
}
