/** Whom the alarms tell. */
import { Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/**
 * Tells an address by e-mail, through a topic whose name is known: other stacks tell it, too, without an import, which
 * would tie them together. The topic is not encrypted: CloudWatch cannot publish under the AWS-managed key.
 */
export function tellByEmail(scope: Construct, id: string, deployment: string, address: string): IAlarmAction {
  const topic = new Topic(scope, id, { topicName: alarmTopicName(deployment), enforceSSL: true });
  // A policy of its own, such as enforceSSL makes one, takes the place of the one that lets the account's alarms publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
  topic.addSubscription(new EmailSubscription(address));
  return new SnsAction(topic);
}

const alarmTopicName = (deployment: string): string => `${deployment}-alarms`;

/** Tells the topic of {@link tellByEmail}, which is in another stack of this account and Region. */
export const tellByEmailToo = (scope: Construct, id: string, deployment: string): IAlarmAction =>
  tellTopic(scope, id, Stack.of(scope).formatArn({ service: 'sns', resource: alarmTopicName(deployment) }));

/** Tells a topic that exists. */
export const tellTopic = (scope: Construct, id: string, topicArn: string): IAlarmAction =>
  new SnsAction(Topic.fromTopicArn(scope, id, topicArn));
