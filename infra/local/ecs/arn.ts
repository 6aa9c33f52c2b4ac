import { LOCAL_ACCOUNT, LOCAL_REGION } from '../loopback.ts';

const ecsArn = (resource: string): string => `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;

export const clusterArn = (cluster: string): string => ecsArn(`cluster/${cluster}`);
export const serviceArn = (cluster: string, service: string): string => ecsArn(`service/${cluster}/${service}`);
export const taskArn = (cluster: string, id: string): string => ecsArn(`task/${cluster}/${id}`);
export const containerArn = (cluster: string, task: string, id: string): string =>
  ecsArn(`container/${cluster}/${task}/${id}`);
export const containerInstanceArn = (cluster: string, id: string): string =>
  ecsArn(`container-instance/${cluster}/${id}`);
export const taskDefinitionArn = (family: string, revision: number): string =>
  ecsArn(`task-definition/${family}:${revision}`);

/** What a request names by ARN or by name: its last part. */
export const nameOf = (arnOrName: string): string => arnOrName.slice(arnOrName.lastIndexOf('/') + 1);
