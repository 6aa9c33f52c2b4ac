/** What a deployment needs to watch clusters of other accounts and Regions: a bus for their events, and roles to look with. */
import { Stack, Tags } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, Grant, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENVIRONMENT, sourceRoleName, WATCHER_TAG } from '../../../functions/discovery/names.ts';
import { refuse } from '../../props/problems.ts';
import type { DiscoveryFunction } from '../discovery-function.ts';
import type { AccountAndRegion } from '../watched-cluster.ts';

export interface SourcesProps {
  readonly deployment: string;
  /** Accounts and Regions that clusters are watched in, other than those of the stack. */
  readonly places: readonly AccountAndRegion[];
  readonly externalId: string;
}

/** Characters of the name of a role (IAM user guide, "IAM and AWS STS quotas"). */
const ROLE_NAME = 64;

export class Sources extends Construct {
  /** Where the sources forward events to. */
  readonly bus: IEventBus;
  readonly #props: SourcesProps;

  constructor(scope: Construct, id: string, props: SourcesProps) {
    super(scope, id);
    this.#props = props;
    const { deployment, places } = props;
    const tooLong = places.map(({ region }) => sourceRoleName(deployment, region)).find((it) => it.length > ROLE_NAME);
    if (tooLong !== undefined) {
      refuse(this, [
        `the role ${tooLong} would have more than the ${ROLE_NAME} characters of IAM: choose a shorter name for the deployment, or watch that Region by another one`,
      ]);
    }
    // A bus of its own, so that whoever forwards to it reaches the rules of this deployment and no others.
    const bus = new EventBus(this, 'Bus', { eventBusName: deployment });
    for (const account of new Set(places.map((place) => place.account))) admit(bus, account);
    this.bus = bus as IEventBus;
  }

  /** Allows a function to look at the clusters; the sources let in who has this tag. */
  grantLook(lambda: DiscoveryFunction): void {
    const { deployment, places, externalId } = this.#props;
    const { partition } = Stack.of(this);
    lambda.addEnvironment(ENVIRONMENT.externalId, externalId);
    Grant.addToPrincipal({
      grantee: lambda,
      actions: ['sts:AssumeRole'],
      resourceArns: places.map(
        ({ account, region }) => `arn:${partition}:iam::${account}:role/${sourceRoleName(deployment, region)}`,
      ),
    });
    if (lambda.role) Tags.of(lambda.role).add(WATCHER_TAG, deployment);
  }
}

/**
 * Only what a rule forwards, not what somebody puts: EventBridge lets no such rule change an event, and refuses a source that
 * begins with `aws.` from everybody but AWS. So an account can only say what ECS says of it: the rules, and the function
 * again, compare the account of an event with that of its cluster.
 */
const admit = (bus: EventBus, account: string) =>
  bus.addToResourcePolicy(
    new PolicyStatement({
      sid: `Forward${account}`,
      principals: [new AccountPrincipal(account)],
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: {
        StringEquals: { 'events:eventBusInvocation': 'true' },
        // AWS gives both keys as lists, and a list that is not there would do for the second line alone.
        Null: { 'events:source': 'false', 'events:detail-type': 'false' },
        'ForAllValues:StringEquals': {
          'events:source': 'aws.ecs',
          'events:detail-type': 'ECS Task State Change',
        },
      },
    }),
  );
