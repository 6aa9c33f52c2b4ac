/** Where the alerts of a workspace of Amazon Managed Service for Prometheus (AMP) go: an SNS topic of the same account. */
import { Stack } from 'aws-cdk-lib';
import type { CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { stringify } from 'yaml';

/** What an alert of this project is about; alerts that differ in nothing else come in one message. */
const GROUP_BY = ['alertname', 'cluster', 'service', 'instance'];

/** The definition of an alert manager that sends everything to one topic, as AMP reads it. */
export const alertManagerDefinition = ({ topicArn, env }: ITopic): string =>
  stringify(
    {
      // AMP wants Alertmanager's own configuration as text.
      alertmanager_config: stringify(
        {
          route: { receiver: 'topic', group_by: GROUP_BY },
          receivers: [{ name: 'topic', sns_configs: [{ topic_arn: topicArn, sigv4: { region: env.region } }] }],
        },
        { lineWidth: 0 },
      ),
    },
    { lineWidth: 0 },
  );

/** Lets a workspace publish to a topic of the app. The policy of an imported topic has to allow it already. */
export function letPublish(workspace: CfnWorkspace, topic: ITopic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('aps.amazonaws.com')],
      actions: ['sns:GetTopicAttributes', 'sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': workspace.attrArn },
        StringEquals: { 'aws:SourceAccount': Stack.of(workspace).account },
      },
    }),
  );
}
