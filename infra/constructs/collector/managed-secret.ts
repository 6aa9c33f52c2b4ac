/** A secret of Secrets Manager in the environment of a container, with no more rights than ECS needs to read it. */
import { Aws } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { SecretValue } from './scrape-jobs/secret-value.ts';

/** CDK's `Secret.fromSecretsManager` also allows to describe the secret, which ECS does not do. */
export class ManagedSecret extends Secret {
  readonly arn: string;
  override readonly hasField: boolean;
  readonly #value: SecretValue;

  constructor(value: SecretValue) {
    super();
    const { secret, field } = value;
    // ECS developer guide, "Pass Secrets Manager secrets": ARN, JSON key, version stage, version.
    this.arn = field === undefined ? secret : `${secret}:${field}::`;
    this.hasField = field !== undefined;
    this.#value = value;
  }

  override grantRead(grantee: IGrantable): Grant {
    const { secret, key } = this.#value;
    const read = Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [secret],
    });
    if (key === undefined) return read;
    return read.combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['kms:Decrypt'],
        resourceArns: [key],
        // Only through Secrets Manager, as CDK writes it (AWS KMS developer guide, "kms:ViaService").
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
      }),
    );
  }
}
