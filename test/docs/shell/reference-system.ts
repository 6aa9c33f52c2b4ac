/** What somebody has in the account who follows the pages: the sidecar's system, an own cluster, a task in it. */
import { fixture, replaced, taskId } from '../../integration/events.ts';
import type { Reader } from './reader.ts';

const TRUST =
  '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}';
const POLICY = '{"Statement": [{"Effect": "Allow", "Action": "servicediscovery:*", "Resource": "*"}]}';
const CONTAINERS = '[{"name": "adot", "image": "adot", "memory": 128}]';

/** By the names that the scripts of the sample give. */
const SAMPLE = `
aws iam create-role --role-name ECS-ADOT-Task-Role --assume-role-policy-document '${TRUST}'
policy=$(aws iam create-policy --policy-name ECSAdotTaskPolicy --policy-document '${POLICY}' --query Policy.Arn --output text)
aws iam attach-role-policy --role-name ECS-ADOT-Task-Role --policy-arn "$policy"
aws ssm put-parameter --name ECS-ServiceDiscovery-Namespaces --type String --value ecs-services
aws ssm put-parameter --name otel-collector-config --type String --value receivers:
aws ecs create-cluster --cluster-name prod
aws ecs create-cluster --cluster-name staging
aws ecs register-task-definition --family AdotTask --container-definitions '${CONTAINERS}'
aws ecs create-service --cluster prod --service-name ADOTService --task-definition AdotTask --desired-count 1
aws servicediscovery create-http-namespace --name ecs-services
namespace=$(aws servicediscovery list-namespaces --query 'Namespaces[0].Id' --output text)
aws servicediscovery create-service --name adot-collector-svc --namespace-id "$namespace"
aws secretsmanager create-secret --name login --secret-string hunter2
`;

export const TASK = replaced(fixture('real/fargate-running.json'), ['dev-public', 'prod'], ['orders', 'shop']);

export async function makeReferenceSystem({ sh, ask, ecs, placeholders }: Reader): Promise<void> {
  await sh(SAMPLE);
  const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
  const definition = String(TASK.detail['taskDefinitionArn']).split('/').at(-1) ?? '';
  ecs.taskDefinitions.set(definition, {
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'shop', dockerLabels }],
  });
  ecs.show(TASK.detail);
  const subnets = (await ask(`aws ec2 describe-subnets --query 'Subnets[:2].SubnetId' --output text`)).split('\t');
  const values = {
    YOUR_CLUSTER: 'prod',
    TASK_ID: taskId(TASK),
    'vpc-…': await ask(`aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text`),
    'subnet-…,subnet-…': subnets.join(','),
    'sg-…': await ask(`aws ec2 describe-security-groups --query 'SecurityGroups[0].GroupId' --output text`),
    'ws-…': 'ws-0123abcd-0123-4567-89ab-0123456789ab',
    'ws-EXAMPLE': 'ws-0123abcd-0123-4567-89ab-0123456789ab',
    '--secret-id NAME': '--secret-id login',
    'ns-EXAMPLE': await ask(`aws servicediscovery list-namespaces --query 'Namespaces[0].Id' --output text`),
  };
  for (const [name, value] of Object.entries(values)) placeholders.set(name, value);
}
