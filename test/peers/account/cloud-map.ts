/** Cloud Map as ECS itself fills it for the reference system: a service a service, an instance a running task. */
import type { ControlPlane } from '../../../infra/local/ecs/control-plane.ts';
import { type Answer, json, refusal } from './request.ts';

/** Entries a page, when a request names no number (AWS Cloud Map API reference). */
const PAGE = 100;
const NAMESPACE = { Id: 'ns-peers', Name: 'ecs-services', Type: 'DNS_PRIVATE' };
const ARN = 'arn:aws:servicediscovery:us-east-1:000000000000:service/';
/** How the reference's services say what is scraped. */
const TAGS = [
  { Key: 'METRICS_PATH', Value: '/metrics' },
  { Key: 'METRICS_PORT', Value: '3000' },
];

const page = (key: string, all: readonly unknown[]) =>
  json({ [key]: all.slice(0, PAGE), ...(all.length > PAGE && { NextToken: String(PAGE) }) });

export const answerOfCloudMap = (
  plane: ControlPlane,
  call: string,
  input: Readonly<Record<string, unknown>>,
): Answer => {
  switch (call) {
    case 'ListNamespaces':
      return page('Namespaces', [NAMESPACE]);
    case 'ListServices':
      return page(
        'Services',
        [...plane.services.keys()].map((Name) => ({ Id: `srv-${Name}`, Arn: `${ARN}srv-${Name}`, Name })),
      );
    case 'ListTagsForResource':
      return json({ Tags: TAGS });
    case 'ListInstances':
      return page('Instances', instancesOf(plane, String(input['ServiceId']).replace(/^srv-/, '')));
    default:
      return refusal('cloudMap', 'UnknownOperationException', `${call} is not known here.`);
  }
};

/** At once, where ECS takes some seconds to register and deregister. */
const instancesOf = (plane: ControlPlane, service: string) =>
  plane
    .tasks()
    .filter((task) => task.service === service && task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
    .map(({ id, address, taskDefinition }) => ({
      Id: id,
      Attributes: {
        AWS_INSTANCE_IPV4: address,
        ECS_CLUSTER_NAME: plane.cluster,
        ECS_SERVICE_NAME: service,
        ECS_TASK_DEFINITION_FAMILY: taskDefinition.family,
      },
    }));
