/** Queues with what could not be handled or delivered, and why. */
import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Sender } from '../../../functions/aws/clients.ts';
import { allPages } from '../../../functions/aws/paging.ts';
import type { AccountClients } from './account-clients.ts';
import type { Deployment } from './deployment.ts';

export interface DeadLetterQueue {
  /** What ended there. */
  readonly of: 'observe' | 'store' | 'register' | 'resync' | 'events' | 'changes';
  readonly url: string;
}

/** Logical ids of the two queues that no output names, up to what CDK adds to them. */
const UNNAMED = { resync: /^DiscoveryResyncDeadLetters/, changes: /^DiscoveryTargetsChangedUndelivered/ } as const;

export async function deadLetterQueues(
  { cloudFormation }: AccountClients,
  deployment: Deployment,
): Promise<DeadLetterQueue[]> {
  const resources = await allPages(async (NextToken) => {
    const page = await cloudFormation.send(new ListStackResourcesCommand({ StackName: deployment.name, NextToken }));
    return { items: page.StackResourceSummaries ?? [], next: page.NextToken };
  });
  const urlOf = (pattern: RegExp): string | undefined =>
    resources.find((it) => it.ResourceType === 'AWS::SQS::Queue' && pattern.test(it.LogicalResourceId ?? ''))
      ?.PhysicalResourceId;
  const found = [
    ['observe', deployment.optionalOutput('ObserveDeadLetters')],
    ['store', deployment.optionalOutput('StoreDeadLetters')],
    ['register', deployment.optionalOutput('RegisterDeadLetters')],
    ['resync', urlOf(UNNAMED.resync)],
    ['events', deployment.optionalOutput('UndeliveredQueue')],
    ['changes', urlOf(UNNAMED.changes)],
  ] as const;
  return found.flatMap(([of, url]) => (url === undefined ? [] : [{ of, url }]));
}

/** Why a message ended there, and how many of those that were looked at. */
export interface Reason {
  readonly reason: string;
  readonly messages: number;
}

/** Messages that are looked at (Amazon SQS API reference: ten a request). */
const LOOKED_AT = 10;

/** Looks at up to ten messages, and leaves them where they are. */
export async function reasonsIn(sqs: Sender<SQSClient>, url: string): Promise<Reason[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: LOOKED_AT,
      VisibilityTimeout: 0,
      MessageAttributeNames: ['All'],
    }),
  );
  return [...Map.groupBy(Messages, reasonOf)].map(([reason, some]) => ({ reason, messages: some.length }));
}

/** The stages write `reason`; EventBridge `ERROR_CODE` and `ERROR_MESSAGE`; Lambda the error of the function. */
function reasonOf({ MessageAttributes = {} }: Message): string {
  const said = (name: string): string | undefined => MessageAttributes[name]?.StringValue;
  const delivery = [said('ERROR_CODE') ?? said('ErrorCode'), said('ERROR_MESSAGE') ?? said('ErrorMessage')];
  return (
    said('reason') ??
    (delivery.filter((text) => text !== undefined).join(': ') ||
      'no reason: all tries failed, see the log of the function')
  );
}
