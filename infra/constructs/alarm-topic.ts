/** Whom the alarms tell. */
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** Tells an address by e-mail. The topic is not encrypted: CloudWatch cannot publish under the AWS-managed key. */
export function tellByEmail(scope: Construct, id: string, address: string): IAlarmAction {
  const topic = new Topic(scope, id, { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(address));
  return new SnsAction(topic);
}

/** Tells a topic that exists. */
export const tellTopic = (scope: Construct, id: string, topicArn: string): IAlarmAction =>
  new SnsAction(Topic.fromTopicArn(scope, id, topicArn));
