/** The SSM parameters in which resync keeps task definitions, so that it asks ECS for each revision once. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { definitionsParameterCount, definitionsParameterName } from '../../../functions/discovery/names.ts';
import { NO_DEFINITIONS } from '../../../functions/discovery/task/definitions-codec.ts';
import type { GrantTarget } from '../grant-target.ts';

export interface DefinitionsParametersProps {
  readonly deployment: string;
  /** Number of clusters that are watched. */
  readonly clusters: number;
  /** Shards of each cluster: they say how large the fleet is. */
  readonly shards: number;
  readonly tier: 'Standard' | 'Advanced';
}

/** Nothing is lost with them: what they do not hold is asked for again. */
export class DefinitionsParameters extends Construct {
  readonly #deployment: string;
  readonly #count: number;

  constructor(scope: Construct, id: string, props: DefinitionsParametersProps) {
    super(scope, id);
    this.#deployment = props.deployment;
    this.#count = definitionsParameterCount(props);
    for (let number = 0; number < this.#count; number += 1) {
      new StringParameter(this, String(number), {
        parameterName: definitionsParameterName(props.deployment, number),
        stringValue: NO_DEFINITIONS,
        tier: props.tier === 'Advanced' ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
        simpleName: false,
      });
    }
  }

  grantReadWrite(grantee: GrantTarget): Grant {
    const resourceArns = Array.from({ length: this.#count }, (_, number) =>
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: definitionsParameterName(this.#deployment, number).slice(1),
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    );
    return Grant.addToPrincipal({ grantee, actions: ['ssm:GetParameters', 'ssm:PutParameter'], resourceArns });
  }
}
