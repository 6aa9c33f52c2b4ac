/** Whom the alarms tell. */
import { Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** Tells an address by e-mail. The topic is not encrypted: CloudWatch cannot publish under the AWS-managed key. */
export function tellByEmail(scope: Construct, id: string, address: string): IAlarmAction {
  const topic = new Topic(scope, id, { enforceSSL: true });
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

/** Tells a topic that exists. */
export const tellTopic = (scope: Construct, id: string, topicArn: string): IAlarmAction =>
  new SnsAction(Topic.fromTopicArn(scope, id, topicArn));
