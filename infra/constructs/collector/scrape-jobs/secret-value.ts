/** A value that AWS Secrets Manager holds, as it is written in the settings. The value itself is in no template. */
import { Token } from 'aws-cdk-lib';
import * as z from 'zod';

/** Only the full ARN, with the six characters at its end: ECS documents no other (API reference, "Secret"). */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** What another stack makes has an ARN that is known at the deployment. */
const isArn = (pattern: RegExp) => (arn: string) => Token.isUnresolved(arn) || pattern.test(arn);

const SECRET =
  'must be the full ARN of a secret of Secrets Manager, as `aws secretsmanager describe-secret` answers it; a field of it goes into `field`';

export const secretValue = z.strictObject(
  {
    /** Full ARN of the secret. */
    secret: z.string(SECRET).refine(isArn(SECRET_ARN), SECRET),
    /** Key of the JSON object in the secret; without it the whole secret is the value. ECS splits at colons. */
    field: z
      .string()
      .regex(/^[^:\s]+$/, 'must be a key of the JSON object in the secret, without colons and blanks')
      .optional(),
    /** ARN of the KMS key of the secret, if that is not `aws/secretsmanager`: the task has to be allowed to use it. */
    key: z.string().refine(isArn(KEY_ARN), 'must be the ARN of a KMS key (arn:aws:kms:…:key/…)').optional(),
  },
  {
    error: ({ code }) =>
      code === 'invalid_type'
        ? 'must be {"secret": "arn:aws:secretsmanager:…"}, if wanted with "field": text could be read in the template'
        : undefined,
  },
);

/** @see secretValue */
export type SecretValue = z.infer<typeof secretValue>;

/** Variables of the collector's container by the secrets that they hold. */
export type SecretVariables = Readonly<Record<string, SecretValue>>;
