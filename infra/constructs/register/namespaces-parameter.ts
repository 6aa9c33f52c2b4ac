/** The SSM parameter that lists the Cloud Map namespaces, as the reference system has it. */
import { Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DEFAULT_NAMESPACES_PARAMETER, ENVIRONMENT } from '../../../functions/discovery/names.ts';
import type { GrantTarget } from '../grant-target.ts';

export interface NamespacesParameterProps {
  /**
   * Names of Cloud Map namespaces to write into the parameter.
   * @default - the parameter is used as it is, or there is none
   */
  readonly namespaces?: readonly string[];
  /**
   * Name of the parameter. Without namespaces: of one that exists, as after the reference system, and is not changed.
   * @default 'ECS-ServiceDiscovery-Namespaces', when there are namespaces to write; otherwise Cloud Map is not used
   */
  readonly parameterName?: string | undefined;
}

export class NamespacesParameter extends Construct {
  /** Name of the parameter; undefined: Cloud Map is not used. */
  readonly parameterName: string | undefined;

  constructor(scope: Construct, id: string, { namespaces = [], parameterName }: NamespacesParameterProps) {
    super(scope, id);
    this.parameterName = parameterName ?? (namespaces.length > 0 ? DEFAULT_NAMESPACES_PARAMETER : undefined);
    if (this.parameterName === undefined || namespaces.length === 0) return;
    new StringParameter(this, 'Resource', {
      parameterName: this.parameterName,
      stringValue: namespaces.join(','),
      description: 'Cloud Map namespaces that scrape targets are discovered in, with commas between them.',
      simpleName: !this.parameterName.startsWith('/'),
    });
  }

  /** Says in the environment where the list is, or that Cloud Map is not used. */
  describe(lambda: GrantTarget): void {
    lambda.addEnvironment(ENVIRONMENT.namespacesParameter, this.parameterName ?? '');
  }

  /** Allows to read the list. */
  grantRead(grantee: GrantTarget): void {
    if (this.parameterName === undefined) return;
    const resourceName = this.parameterName.replace(/^\//, '');
    Grant.addToPrincipal({
      grantee,
      actions: ['ssm:GetParameters'],
      resourceArns: [Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName })],
    });
  }
}
