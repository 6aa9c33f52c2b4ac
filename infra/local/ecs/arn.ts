import { clusterArnOf } from '../../../functions/discovery/cluster/cluster-key.ts';
import { placeOfArn } from '../../../functions/discovery/task/task.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../loopback.ts';

const HERE = `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}`;

/** A cluster of another account or Region, which only the simulation has, is called as the discovery does. */
export const clusterArn = (cluster: string): string => clusterArnOf(cluster, HERE);

const under = (cluster: string, kind: string, rest: string): string =>
  `${clusterArn(cluster).replace(':cluster/', `:${kind}/`)}/${rest}`;

export const serviceArn = (cluster: string, service: string): string => under(cluster, 'service', service);
export const taskArn = (cluster: string, id: string): string => under(cluster, 'task', id);
export const containerArn = (cluster: string, task: string, id: string): string =>
  under(cluster, 'container', `${task}/${id}`);
export const containerInstanceArn = (cluster: string, id: string): string => under(cluster, 'container-instance', id);
export const taskDefinitionArn = (cluster: string, family: string, revision: number): string =>
  `${placeOfArn(clusterArn(cluster))}:task-definition/${family}:${revision}`;

/** What a request names by ARN or by name: its last part. */
export const nameOf = (arnOrName: string): string => arnOrName.slice(arnOrName.lastIndexOf('/') + 1);
