/** The SSM parameter with the collector's pipeline configuration, as the reference system has it. */
import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

export interface PipelineParameterProps {
  /** First part of the parameter's name; the digest of the pipeline is the last. */
  readonly path: string;
  /** OpenTelemetry configuration in YAML, known when the app is synthesised: deployment values come by `${env:…}`. */
  readonly pipeline: string;
}

/** Bytes of a value: Systems Manager endpoints and quotas, "Parameter Store". */
const STANDARD_BYTES = 4096;
const ADVANCED_BYTES = 8192;

/** Why SSM would not store a pipeline; undefined: it does. */
export function pipelineProblem(pipeline: string): string | undefined {
  const bytes = Buffer.byteLength(pipeline);
  if (bytes > ADVANCED_BYTES) {
    return `the pipeline of the collectors takes ${bytes} bytes, but SSM holds ${ADVANCED_BYTES} at most; certificates take most room: give a job only the authorities that it needs`;
  }
  // SSM takes "{{name}}" for a reference to another parameter and refuses it here.
  return pipeline.includes('{{') ? 'the pipeline of the collectors contains {{, which SSM does not store' : undefined;
}

/** For a container. CDK's `Secret.fromSsmParameter` also allows to read the history, of which ECS asks nothing. */
class ParameterSecret extends Secret {
  readonly arn: string;
  override readonly hasField = false;

  constructor({ parameterArn }: StringParameter) {
    super();
    this.arn = parameterArn;
  }

  override grantRead(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: ['ssm:GetParameters'], resourceArns: [this.arn] });
  }
}

export class PipelineParameter extends Construct {
  readonly parameter: StringParameter;
  /** The pipeline, as a container's environment gets it. */
  readonly secret: Secret;
  /** Changes with the pipeline. */
  readonly digest: string;

  constructor(scope: Construct, id: string, { path, pipeline }: PipelineParameterProps) {
    super(scope, id);
    if (Token.isUnresolved(pipeline)) {
      throw new Error(
        'The pipeline configuration holds values that only the deployment knows: pass them in the environment.',
      );
    }
    const problem = pipelineProblem(pipeline);
    if (problem !== undefined) throw new Error(`PipelineParameter: ${problem}.`);
    this.digest = createHash('sha256').update(pipeline).digest('hex').slice(0, 16);
    // ECS reads the parameter when a container starts, and only then. So another pipeline is another parameter: new tasks
    // are started for it, and the old ones, to which a failed deployment returns, still find theirs when they restart.
    this.parameter = new StringParameter(this, 'Resource', {
      parameterName: `${path}/${this.digest}`,
      stringValue: pipeline,
      description: 'Pipeline configuration of the ADOT collectors.',
      tier: Buffer.byteLength(pipeline) > STANDARD_BYTES ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
      simpleName: false,
    });
    this.secret = new ParameterSecret(this.parameter);
  }
}
